"""Between what bounds the cost of an override lies where rules are no network's: proven, and cheap for all at once.

An override can't gain more than the proof leaves open, as it only adds a demand; where a fixed placement of the
student's own is lifted, one seat more can place one student more than the relaxation. The relaxation's prices may say
that it loses more. It loses no more than some allocation that has the student there: one is looked for. Both count
level by level, so a level is told only while all before it are certain.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.explain.board import lay_out
from hub_allocation.explain.override_words import Between
from hub_allocation.instance import Flags, Longs
from hub_allocation.levels import Level, measures
from hub_allocation.lottery import pair_draws
from hub_allocation.proof.certificate import Certificate
from hub_allocation.proof.optimality import Prices

if TYPE_CHECKING:
    from hub_allocation.explain.making_room import Room

UNPROVEN = 1 << 62
"""In place of a bound on what can be gained: none is known."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What is proven of an allocation."""

    levels: tuple[Level, ...]
    certificate: Certificate


class Way(NamedTuple):
    """One of the ways that ``Room`` holds."""

    status: int
    placed: int
    places: int
    losing: int
    moving: int
    own: int


@dataclass(frozen=True, slots=True)
class Interval:
    """What is known of one override."""

    impossible: bool
    between: Between
    """The least and the most that each level may change by; empty: nothing is known."""


def find_intervals(prepared: Prepared, chosen: Longs, places: Longs, proven: Proven) -> dict[int, Interval]:
    """Bound what overriding would change, for feasible pairs outside network components that are no placements.

    Args:
        prepared: the round; its objective is not ``stable``.
        chosen: the placements, which keep every rule.
        places: the pairs asked about, rising.
        proven: what is proven of the placements.
    """
    from hub_allocation.explain.making_room import FOUND, IMPOSSIBLE, UNKNOWN, make_room  # loads numba

    at, memory, board = lay_out(prepared, chosen, searches=len(places))
    asked = np.searchsorted(at, places)
    most = _most_students(prepared, chosen, places, proven)
    rooms = make_room(memory, board, asked, np.zeros(len(asked), dtype=bool))
    several = prepared.instance.policy.places_per_student > 1
    closer = rooms.losing > 0 if several else rooms.placed < np.minimum(most, 0)
    closer &= proven.levels[0].name == "students"
    again = np.flatnonzero((rooms.status == UNKNOWN) | ((rooms.status == FOUND) & closer))
    better = make_room(memory, board, asked[again], np.ones(len(again), dtype=bool))
    told = _Told(prepared, chosen, proven)
    found: dict[int, Interval] = {}
    seated = dict(zip(again.tolist(), _ways(better), strict=True))
    for query, (place, gain, way) in enumerate(zip(places.tolist(), most.tolist(), _ways(rooms), strict=True)):
        ways = [one for one in (way, seated.get(query)) if one is not None and one.status == FOUND]
        found[place] = Interval(way.status == IMPOSSIBLE, told.between(place, gain, ways))
    return found


def _ways(rooms: "Room") -> "list[Way]":
    return [Way(*one) for one in zip(*(column.tolist() for column in rooms), strict=True)]


def _most_students(prepared: Prepared, chosen: Longs, places: Longs, proven: Proven) -> Longs:
    """How many more students each override could place, at most; UNPROVEN where nothing is known or told of it."""
    pairs, instance = prepared.pairs, prepared.instance
    lifted = _lifted(prepared)[pairs.student[places]]
    first = proven.levels[0]
    most = np.where(lifted, UNPROVEN, abs(first.bound - first.value))
    if first.name != "students" or instance.policy.places_per_student > 1:
        return most
    fixed = pairs.pinned if prepared.fixed is None else pairs.pinned | prepared.fixed
    prices = Prices(
        instance, pairs, proven.certificate, split=prepared.split,
        levels=measures(instance, pairs, standing=prepared.standing), taken_out=fixed,
        drawn=lambda at: pair_draws(instance, pairs, at),
    )  # fmt: skip
    priced = prices.judge(chosen)
    if priced.better is not None:
        return most
    slack = np.array([lost[0] - least[0] for lost, least in zip(priced.lost, priced.least, strict=True)])
    slack = slack[prices.part_of_pair[places]].astype(np.int64)
    rise = prices.first_rises(places)
    return np.minimum(most, np.where(lifted, slack + 1, slack - rise))


def _lifted(prepared: Prepared) -> Flags:
    """Whose own fixed placement an override would lift (by student)."""
    pairs = prepared.pairs
    fixed = pairs.pinned if prepared.fixed is None else pairs.pinned | prepared.fixed
    found = np.zeros(len(prepared.instance.students), dtype=bool)
    found[pairs.student[fixed]] = True
    return found


class _Told:
    """Puts together what may be told: what follows from how many others move and from the student's own data."""

    def __init__(self, prepared: Prepared, chosen: Longs, proven: Proven) -> None:
        self._student, self._rank = prepared.pairs.student.tolist(), prepared.pairs.rank.tolist()
        self._levels, self._lifted = proven.levels, _lifted(prepared).tolist()
        self._several = prepared.instance.policy.places_per_student > 1
        self._held: defaultdict[int, list[int]] = defaultdict(list)
        for one in chosen.tolist():
            self._held[self._student[one]].append(self._rank[one])

    def between(self, place: int, most: int, ways: Sequence[Way]) -> Between:
        """The bounds of each level that is told of pair ``place``; ``most`` is the first one's, ``ways`` make room."""
        found: Between = {}
        if most == UNPROVEN:
            return found
        for level in self._levels:
            counted = [self._least(level.name, place, way) for way in ways]
            least = max((one for one in counted if one is not None), default=None)
            gain = abs(level.bound - level.value) if found else most
            if least is None or least > gain:
                break
            found[level.name] = (least, gain)
            if least < gain or level.value != level.bound or self._lifted[self._student[place]]:
                break
            ways = [way for way, one in zip(ways, counted, strict=True) if one == least]
        return found

    def _least(self, name: str, place: int, way: Way) -> int | None:
        """What a level changes by at least (more is better) on a way to make room; None for one that is not told.

        Where data of others enters, each is taken to lose as much as they can.
        """
        held = self._held[self._student[place]]
        if name == "students":
            return (not held) - way.losing if self._several else way.placed
        if name == "placements" and self._several:
            return way.places
        if name.startswith("rank_") and name != "rank_cost":
            rank = int(name[5:])
            return int(self._rank[place] == rank) - min(way.own, held.count(rank)) - way.moving
        return None
