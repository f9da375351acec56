"""What a solver process is given to do, and what it may come back with besides a result or a failure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub_schemas.events.run_requests import ChangeMode
from hub_schemas.policy import Policy


@dataclass(frozen=True, slots=True)
class Begin:
    """Solve the run, or say into how many shares to cut it."""

    most_shares: int = 1
    """1: solve it, however large it is."""
    share_pairs: int = 1
    """Feasible pairs from which it is worth cutting; one that must be searched for counts as ``SEARCH_WEIGHT``."""


@dataclass(frozen=True, slots=True)
class Share:
    """Solve share ``number`` (from 1) of ``of``."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Join:
    """Put the shares together: what each came to, in order."""

    shares: tuple["SolvedShare", ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The allocation that stands, for a change run."""

    allocations: bytes
    """allocations.csv of the parent run."""
    mode: ChangeMode


@dataclass(frozen=True, slots=True)
class Task:
    """One job: an input under a policy, and which part of the work this is."""

    policy: Policy
    files: Mapping[str, bytes]
    """Canonical bytes by table."""
    input_sha256: str
    """What they must hash to; checked once more on what was really read."""
    part: Begin | Share | Join = field(default_factory=Begin)
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """The run is worth cutting into this many shares; nothing is solved yet."""

    shares: int


@dataclass(frozen=True, slots=True)
class SolvedShare:
    """What one share came to: for ``Join`` alone to understand, with the seconds and the memory it took."""

    content: bytes
    seconds: Mapping[str, float]
    peak_rss_mb: float
