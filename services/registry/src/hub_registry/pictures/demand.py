"""Demand beside supply: first choices and seats, by sector or by area; where demand is furthest ahead comes first."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from hub_registry.pictures import pairs
from hub_registry.pictures.model import Picture, PictureTable, count

BY_SECTOR: Final = "demand-sectors"
BY_AREA: Final = "demand-areas"
MOST: Final = 14
"""Rows with bars: those where demand is furthest ahead; the table has all."""
CHOICES: Final = "First choices"
SEATS: Final = "Seats"


def tell(name: str, found: Iterable[tuple[str, int, int]]) -> Picture:
    """Say where demand is ahead of supply.

    Args:
        name: ``BY_SECTOR`` or ``BY_AREA``.
        found: (sector or area, first choices, seats), any order; what comes twice is added up.
    """
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for what, choices, seats in found:
        sums[what][0] += choices
        sums[what][1] += seats
    ordered = sorted(sums.items(), key=lambda item: (item[1][1] - item[1][0], item[0]))
    told = [(what, choices, seats) for what, (choices, seats) in ordered]
    one, many = ("sector", "sectors") if name == BY_SECTOR else ("area", "areas")
    short = [what for what, choices, seats in told if choices > seats]
    if short:
        what, choices, seats = told[0]
        title = f"{what} is wanted most beyond its seats: {count(choices, 'first choice')} for {count(seats, 'seat')}"
    else:
        title = f"Every {one} has as many seats as first choices, or more"
    wanted, offered = sum(row[1] for row in told), sum(row[2] for row in told)
    only = f" The picture has the {MOST} where demand is furthest ahead, the table has all." if len(told) > MOST else ""
    description = (
        f"Two bars for each {one}, its first choices and its seats: {count(wanted, 'first choice')}"
        f" and {count(offered, 'seat')} in all; in {count(len(short), one, many)} there are more first choices than"
        f" seats.{only}"
    )
    table = PictureTable(
        (one.capitalize(), CHOICES, SEATS, "Seats missing"),
        tuple((*row, max(0, row[1] - row[2])) for row in told),
    )
    return Picture(name, pairs.KIND, title, description, table, tuple(_drawn(told)))


def _drawn(told: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    return [
        {"what": what, "kind": kind, "number": number}
        for what, choices, seats in told[:MOST]
        for kind, number in ((CHOICES, choices), (SEATS, seats))
    ]
