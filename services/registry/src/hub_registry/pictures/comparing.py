"""Two runs beside each other: the choices that students got, how long journeys take, and who gains and loses."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub_registry.pictures import pairs, ranks
from hub_registry.pictures.journeys import STEP
from hub_registry.pictures.model import Picture, PictureTable, count, share

RANKS: Final = "compare-ranks"
JOURNEYS: Final = "compare-journeys"
CHANGES: Final = "compare-changes"
ONE: Final = "One run"
OTHER: Final = "The other run"
_CHANGES: Final[Mapping[str, str]] = {
    "loses": "Lose: a lower choice, or no place",
    "gains": "Gain: a better choice, or a place",
    "elsewhere": "Go elsewhere, by a choice as good",
    "same": "Keep what they have",
    "in_one_only": "Are in one run only",
}

ByRank = Mapping[int | None, int]
ByMinute = Iterable[tuple[str, int, int]]


def tell_ranks(one: tuple[ByRank, int], other: tuple[ByRank, int]) -> Picture:
    """Say which choices students got in each run.

    Args:
        one: placements by rank (None for those that were fixed without one), and students without a place.
        other: the same of the other run.
    """
    every = {rank: 0 for by_rank, _ in (one, other) for rank in by_rank}
    found = [
        {row["what"]: row["number"] for row in ranks.rows_of({**every, **by_rank}, none)}
        for by_rank, none in (one, other)
    ]
    firsts = [by_rank.get(1, 0) for by_rank, _ in (one, other)]
    title = f"First choices: {firsts[0]:,} in the one run, {firsts[1]:,} in the other"
    alls = [sum(by_rank.values()) for by_rank, _ in (one, other)]
    description = (
        f"Two bars for each choice. The one run has {count(alls[0], 'placement')} and {count(one[1], 'student')}"
        f" without a place, the other {count(alls[1], 'placement')} and {count(other[1], 'student')} without a place."
    )
    return _picture(RANKS, title, description, "What students got", found)


def tell_journeys(one: ByMinute, other: ByMinute) -> Picture:
    """Say how long journeys take in each run.

    Args:
        one: (way of travelling, minutes one way, placements); '' travels nowhere and is left out.
        other: the same of the other run.
    """
    minutes = [_minutes(rows) for rows in (one, other)]
    top = max((taken for each in minutes for taken in each), default=-1) // STEP * STEP
    starts = range(0, top + STEP, STEP)
    found = [
        {f"{start} to {start + STEP - 1}": sum(each[at] for at in range(start, start + STEP)) for start in starts}
        for each in minutes
    ]
    longer = [sum(number for taken, number in each.items() if taken > 60) for each in minutes]
    alls = [each.total() for each in minutes]
    title = f"Journeys of more than an hour: {longer[0]:,} in the one run, {longer[1]:,} in the other"
    description = (
        f"Two bars for each ten minutes, one way. In the one run {share(longer[0], alls[0])} of"
        f" {count(alls[0], 'journey')} take more than an hour, in the other {share(longer[1], alls[1])} of"
        f" {count(alls[1], 'journey')}."
    )
    return _picture(JOURNEYS, title, description, "Minutes one way", found)


def tell_changes(counts: Mapping[str, int]) -> Picture:
    """Say how many students gain and lose from the one run to the other, by ``loses``, ``gains``, ``elsewhere``, …"""
    all_ = sum(counts.values())
    rows: tuple[dict[str, Any], ...] = tuple(
        {"what": what, "number": counts.get(name, 0), "share": share(counts.get(name, 0), all_), "bad": name == "loses"}
        for name, what in _CHANGES.items()
        if counts.get(name, 0) or name != "in_one_only"
    )
    gains, loses = counts.get("gains", 0), counts.get("loses", 0)
    title = f"{count(gains, 'student gains', 'students gain')}, {count(loses, 'student loses', 'students lose')}"
    description = (
        f"Bars: from the one run to the other, of {count(all_, 'student')}, {loses:,} lose, {gains:,} gain,"
        f" {counts.get('elsewhere', 0):,} go elsewhere by a choice as good and {counts.get('same', 0):,} keep what they"
        " have."
    )
    table = PictureTable(
        ("From the one run to the other", "Students", "Share"),
        tuple((row["what"], row["number"], row["share"]) for row in rows),
    )
    return Picture(CHANGES, ranks.NAME, title, description, table, rows if all_ else ())


def _minutes(rows: ByMinute) -> Counter[int]:
    found: Counter[int] = Counter()
    for mode, taken, number in rows:
        if mode:
            found[taken] += number
    return found


def _picture(name: str, title: str, description: str, of: str, found: list[dict[str, int]]) -> Picture:
    table = PictureTable((of, ONE, OTHER), tuple((what, number, found[1][what]) for what, number in found[0].items()))
    rows = tuple(
        {"what": what, "kind": kind, "number": each[what]}
        for what in found[0]
        for kind, each in zip((ONE, OTHER), found, strict=True)
    )
    return Picture(name, pairs.KIND, title, description, table, rows)
