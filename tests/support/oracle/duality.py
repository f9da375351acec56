"""What the prices of a certificate prove of a round whose rules form a network, with vectors of whole numbers."""

import csv
import io
from collections.abc import Sequence

from tests.support.oracle.problem import Key, Pair, Problem
from tests.support.oracle.rules import Levels, level_values, maximised

Vector = tuple[int, ...]
Limit = tuple[str, str, str]
"""Kind, slot, school ("" but for a school's share)."""


def proves(problem: Problem, certificate: bytes, levels: Levels) -> bool:
    """Whether these prices prove that no allocation is better than these levels."""
    rows = list(csv.reader(io.StringIO(certificate.decode())))
    prices = {(row[0], row[1], row[2]): tuple(map(int, row[3:])) for row in rows[1:]}
    left = {limit: _left(problem, limit) for limit in prices}
    nothing = tuple(0 for _ in levels)
    if any(price < nothing or left[limit] is None for limit, price in prices.items()):
        return False
    total = _loss(level_values(problem, problem.forced))
    pinned = {who for who, _ in problem.forced}
    for who in problem.students.keys() - pinned:
        ways = [nothing]
        for pair in problem.pairs.values():
            limits = _limits(problem, pair)
            if pair.student == who and all(_left(problem, limit) != 0 for limit in limits):
                alone = _loss(level_values(problem, [(pair.student, pair.slot)]))
                ways.append(_sum([alone, *(prices.get(limit, nothing) for limit in limits)]))
        total = _sum([total, min(ways)])
    for limit, price in prices.items():
        total = tuple(value - part * (left[limit] or 0) for value, part in zip(total, price, strict=True))
    return total == _loss(levels)


def _limits(problem: Problem, pair: Pair) -> list[Limit]:
    slot = problem.slots[pair.slot]
    found = [("seats", pair.slot, "")]
    if slot.reserved and pair.priority < problem.policy["reserved_priority"]:
        found.append(("unreserved", pair.slot, ""))
    if slot.max_per_school is not None and slot.max_per_school < slot.capacity:
        found.append(("school", pair.slot, problem.students[pair.student].school))
    return found


def _left(problem: Problem, limit: Limit) -> int | None:
    """Seats of a limit beside the pins; None when the round has no such limit."""
    kind, what, school = limit
    slot = problem.slots.get(what)
    if slot is None or (kind == "school") != bool(school):
        return None
    inside = [key for key in problem.forced if limit in _limits(problem, problem.pairs[key])]
    if kind == "seats":
        return slot.capacity - len(inside)
    if kind == "unreserved":
        return slot.capacity - slot.reserved - len(inside) if slot.reserved else None
    return None if slot.max_per_school is None else slot.max_per_school - len(inside)


def _loss(levels: Levels) -> Vector:
    return tuple(-value if maximised(name) else value for name, value in levels)


def _sum(vectors: Sequence[Vector]) -> Vector:
    return tuple(sum(column) for column in zip(*vectors, strict=True))


def keys(allocations: bytes) -> frozenset[Key]:
    """The placements of an allocations.csv."""
    return frozenset((row[0], row[1]) for row in list(csv.reader(io.StringIO(allocations.decode())))[1:])
