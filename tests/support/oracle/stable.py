"""Stable matchings of a small round by trying all: those without a blocking pair, and the students' best of them."""

from tests.support.oracle.exhaustive import allocations
from tests.support.oracle.problem import Key, Pair, Problem

Order = tuple[int, int]


def student_optimal(problem: Problem) -> frozenset[Key]:
    """The stable matching in which every student has the best slot of any stable matching."""
    stable = [frozenset(placed) for placed in allocations(problem) if not blocking_pairs(problem, frozenset(placed))]
    assert stable, "a stable matching always exists"
    ideal = {who: min(_held(problem, placed, who) for placed in stable) for who in problem.students}
    found = [placed for placed in stable if all(_held(problem, placed, who) == ideal[who] for who in ideal)]
    assert found, "the students agree on the best stable matching"
    return found[0]


def blocking_pairs(problem: Problem, placed: frozenset[Key]) -> list[Key]:
    """Pairs in which both would rather have each other than what they hold."""
    found = []
    for key, pair in problem.pairs.items():
        group = [problem.pairs[held] for held in placed if held[1] == pair.slot]
        wants = key not in placed and student_order(pair) < _held(problem, placed, pair.student)
        room = len(group) < problem.slots[pair.slot].capacity
        if wants and (room or any(slot_order(pair) < slot_order(other) for other in group)):
            found.append(key)
    return found


def student_order(pair: Pair) -> Order:
    """Smaller is better for the student: rank, equal ranks by draw."""
    return (pair.rank or 0, pair.draw)


def slot_order(pair: Pair) -> tuple[int, int, int]:
    """Smaller is better for the slot: higher priority, fewer minutes, smaller draw."""
    return (-pair.priority, pair.minutes, pair.draw)


def _held(problem: Problem, placed: frozenset[Key], who: str) -> Order:
    return min((student_order(problem.pairs[key]) for key in placed if key[0] == who), default=(1 << 30, 0))
