"""What the verifier says, and how it stops when nothing further can be checked."""

from dataclasses import dataclass

FILES = ("allocations.csv", "unplaced.csv", "explanations.jsonl", "certificate.csv", "run.json")
"""What a result can't be verified without."""

TABLES = ("aggregates.csv", "recruit.csv")
"""Further tables, checked where they are there; the command line always writes them."""

MOVES = "moves.csv"
"""One more, of a change run."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier says: accepted, or the reasons why not."""

    reasons: tuple[str, ...]
    status: str
    placements: int
    levels: dict[str, int]
    """The levels as recomputed here; empty when it did not come to that."""
    input_sha256: str
    searched: int = 0
    """On how many components what run.json states rests on the solver's search rather than on prices alone."""

    @property
    def accepted(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.reasons


class Refused(Exception):
    """Nothing further can be checked."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons
