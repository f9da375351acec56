"""What a panel asks and how it is drawn, before Grafana's own types come into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Shape = Literal["number", "bars", "lines", "words"]

GREEN, ORANGE, RED, BLUE = "green", "orange", "red", "blue"

Levels = Sequence[tuple[float | None, str]]
"""(from this value on, colour); the first begins at None, below everything."""

PLAIN: Final[Levels] = ((None, BLUE),)
"""Neither good nor bad."""


def rising(orange: float, red: float) -> Levels:
    """Worse the more it is."""
    return ((None, GREEN), (orange, ORANGE), (red, RED))


def falling(orange: float, green: float) -> Levels:
    """Better the more it is."""
    return ((None, RED), (orange, ORANGE), (green, GREEN))


@dataclass(frozen=True, slots=True)
class Query:
    """What to ask Prometheus, and what to call each series of the answer."""

    expr: str
    legend: str = "__auto"


@dataclass(frozen=True, slots=True)
class Panel:
    """One question and its answer.

    ``number``: a large figure; ``bars``: one for each series; ``lines``: over time; ``words``: the series' names.
    """

    title: str
    description: str
    unit: str
    """Grafana's id of a unit: none, s, bytes, percentunit, reqps …"""
    queries: tuple[Query, ...]
    shape: Shape = "lines"
    levels: Levels = PLAIN
    width: int = 8
    height: int = 7


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    by_round: bool = False
    """Whether it can be narrowed down to hubs and rounds."""
    since: str = "now-6h"


def one(expr: str, legend: str = "__auto") -> tuple[Query, ...]:
    """A panel's only query."""
    return (Query(expr, legend),)


def of_round(metric: str, *, by: str = "", where: str = "") -> str:
    """The value of a gauge of rounds for the chosen ones: every replica tells the same, so the greatest is as "
    "good."""
    labels = ", ".join(part for part in ("hub, round", by) if part)
    chosen = ", ".join(part for part in ('hub=~"$hub", round=~"$round"', where) if part)
    return f"max by ({labels}) ({metric}{{{chosen}}})"


def quantile(of: float, histogram: str, *, by: str, where: str = "") -> str:
    """A quantile of a histogram over the last minutes."""
    return f"histogram_quantile({of}, sum by (le, {by}) (rate({histogram}_bucket{{{where}}}[$__rate_interval])))"
