"""What giving a student a better-ranked slot would cost others: exactly where the rules form a network.

Forcing a student into a slot leaves an optimum that differs from the old one by the cheapest exchange from that slot
back to the seat the student leaves, or out of the round; with the lottery among its costs it is the only one.
Elsewhere it is told between what bounds the cost lies, or left to a request.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from json import JSONEncoder

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.eligibility import Pairs
from hub_allocation.errors import TooLarge
from hub_allocation.explain.better import better_ranked
from hub_allocation.explain.cheapest import (
    CheapestExchanges,
    Moves,
    NotOptimal,
    cheapest_moves,
    moved_levels,
    mover_pairs,
)
from hub_allocation.explain.exchanges import Exchanges
from hub_allocation.explain.interval_words import interval
from hub_allocation.explain.intervals import Proven, find_intervals
from hub_allocation.explain.override_words import (
    IMPOSSIBLE,
    ON_REQUEST,
    Move,
    Tally,
    exact,
    severity,
    told_levels,
)
from hub_allocation.instance import NONE, Longs

_dumps = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Overrides:
    """What overriding costs, as the text of a JSON object, for pairs that are feasible and better ranked."""

    text: dict[int, str]

    def of(self, place: int) -> str | None:
        """The object's text for pair ``place``; None for a pair that was not asked about."""
        return self.text.get(place)


def find_overrides(
    prepared: Prepared,
    chosen: Longs,
    *,
    check: Callable[[], None] = lambda: None,
    ways: CheapestExchanges | None = None,
    proven: Proven | None = None,
) -> Overrides:
    """Find what overriding costs others for each feasible pair that explanations speak of.

    Args:
        prepared: the round, ready for solving.
        chosen: the placements. What is told as exact is so because the part whose rules form a network is optimal:
            where it is not (or its sums leave 62 bits), everything is left to a request.
        check: called between steps; raises to stop.
        ways: the allocation's exchanges, if somebody else asks for them too.
        proven: what is proven of the placements; None: nothing, so no bounds are told.
    """
    pairs, network = prepared.pairs, prepared.split.network
    asked = better_ranked(prepared.instance, pairs, chosen) & pairs.feasible
    later = _dumps(ON_REQUEST)
    text = dict.fromkeys(np.flatnonzero(asked).tolist(), later)
    if prepared.instance.policy.objective == "stable":
        return Overrides(text)
    rest = np.flatnonzero(asked & ~network)
    if proven is not None and len(rest):
        check()
        text.update(_bounded(prepared, chosen, rest, proven))
    places = np.flatnonzero(asked & network)
    if len(places):
        check()
        with suppress(NotOptimal, TooLarge):
            text.update(_tell(pairs, ways or CheapestExchanges(prepared, chosen), places, check=check))
    return Overrides(text)


def _bounded(prepared: Prepared, chosen: Longs, places: Longs, proven: Proven) -> dict[int, str]:
    """What is known of overrides outside networks: bounds, that it is impossible, or nothing."""
    placed = np.zeros(len(prepared.instance.students), dtype=bool)
    placed[prepared.pairs.student[chosen]] = True
    has = placed[prepared.pairs.student].tolist()
    told: dict[int, str] = {}
    kept: dict[tuple[object, ...], str] = {}
    for place, found in find_intervals(prepared, chosen, places, proven).items():
        if found.impossible:
            told[place] = _dumps(IMPOSSIBLE)
        elif found.between:
            key = (has[place], *found.between.items())
            if key not in kept:
                kept[key] = interval(found.between, placed=has[place])
            told[place] = kept[key]
    return told


def _tell(pairs: Pairs, ways: CheapestExchanges, places: Longs, *, check: Callable[[], None]) -> dict[int, str]:
    graph, found = ways.graph, ways.trees
    check()
    source = graph.ways.way_in[places]
    now = graph.now[pairs.student[places]]
    target = np.where(now == NONE, len(graph.ways), graph.ways.way_in[now]).astype(np.int32)
    moves = cheapest_moves(graph, found, source, target)
    check()
    change, tallies = _changes(pairs, graph, places, moves)
    impossible = _dumps(IMPOSSIBLE)
    told: dict[int, str] = {}
    kept: dict[tuple[object, ...], str] = {}
    rows, names = change.tolist(), graph.counts.names
    for at, place in enumerate(places.tolist()):
        if not moves.possible[at]:
            told[place] = impossible
            continue
        moved, row = tallies[at], dict(zip(names, rows[at], strict=True))
        # Statements are alike where what decides and what is told of it are.
        first = next((name for name, value in row.items() if value), None)
        key = (first, *moved, *(row[name] for name in told_levels(moved, row)))
        if key not in kept:
            kept[key] = exact(moved, row)
        told[place] = kept[key]
    return told


def _changes(pairs: Pairs, graph: Exchanges, places: Longs, moves: Moves) -> tuple[Longs, list[Tally]]:
    """What each query changes in each level, the student's own move included, and how many others move from where."""
    cost = np.concatenate([graph.counts.cost, np.zeros((1, graph.counts.cost.shape[1]), dtype=np.int64)])  # NONE: last
    left, taken = mover_pairs(graph, pairs.student, moves.via)
    change = cost[places] - cost[graph.now[pairs.student[places]]]
    change += moved_levels(graph, pairs.student, moves)
    query = np.repeat(np.arange(len(places)), np.diff(moves.start))
    sign = np.where(graph.counts.maximise, -1, 1)
    ranks = np.append(pairs.rank, 0).astype(np.int64)  # a student who moves is not pinned, so 0 can only be unplaced
    return change * sign, _tallies(query, ranks[left], ranks[taken], queries=len(places))


def _tallies(query: Longs, before: Longs, after: Longs, *, queries: int) -> list[Tally]:
    """``tally`` for all queries at once; rank 0: unplaced."""
    width = int(max(before.max(initial=0), after.max(initial=0))) + 1
    kinds, kind = np.unique(before * width + after, return_inverse=True)
    ends = [(one // width or None, one % width or None) for one in kinds.tolist()]
    order = sorted(range(len(ends)), key=lambda one: severity(ends[one]))
    place = np.empty(len(ends), dtype=np.int64)
    place[order] = np.arange(len(ends))
    found, counts = np.unique(query * max(1, len(ends)) + place[kind.reshape(-1)], return_counts=True)
    by_place: list[Move] = [ends[one] for one in order]
    counted = [
        (by_place[one], count) for one, count in zip((found % max(1, len(ends))).tolist(), counts.tolist(), strict=True)
    ]
    start = np.searchsorted(found, np.arange(queries + 1) * max(1, len(ends))).tolist()
    return [counted[first:last] for first, last in pairwise(start)]
