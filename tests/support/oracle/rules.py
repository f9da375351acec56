"""What an allocation breaks, and what it comes to: each rule and level as the specification words it."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.support.oracle.problem import Key, Problem, Slot

Levels = tuple[tuple[str, int], ...]
"""(name, value) in order."""

MAXIMISED = ("students", "placements", "priority")


def maximised(name: str) -> bool:
    """Whether more is better in this level."""
    return name in MAXIMISED or (name.startswith("rank_") and name != "rank_cost")


def better_key(levels: Levels) -> tuple[int, ...]:
    """A key by which the better allocation is the smaller."""
    return tuple(-value if maximised(name) else value for name, value in levels)


def level_values(problem: Problem, placed: Iterable[Key]) -> Levels:
    """Every level of the policy's objective in order, the lottery last."""
    chosen = [problem.pairs[key] for key in placed]
    keys = {(pair.student, pair.slot) for pair in chosen}
    moves = [] if problem.standing is None else [("moves", len(keys - problem.standing))]
    priority = ("priority", sum(pair.priority for pair in chosen))
    minutes = ("minutes", sum(pair.minutes for pair in chosen))
    lottery = ("lottery", sum(pair.draw for pair in chosen))
    if problem.policy["objective"] == "rank_maximal":
        last = max((pair.rank or 0 for pair in problem.pairs.values()), default=0)
        ranks = Counter(pair.rank for pair in chosen)
        return (*((f"rank_{rank}", ranks[rank]) for rank in range(1, last + 1)), *moves, priority, minutes, lottery)
    students = ("students", len({pair.student for pair in chosen}))
    cost = ("rank_cost", sum(pair.cost for pair in chosen))
    return (students, ("placements", len(chosen)), priority, cost, *moves, minutes, lottery)


def faults(problem: Problem, placed: Iterable[Key]) -> list[str]:
    """Name every rule that these placements break; none when the allocation is allowed."""
    placed = list(placed)
    found = [f"{key} twice" for key, count in Counter(placed).items() if count > 1]
    found += [f"{key} is no feasible pair" for key in placed if key not in problem.pairs]
    found += [f"{key} is fixed and not taken" for key in sorted(problem.forced - set(placed))]
    groups: dict[str, list[str]] = {what: [] for what in problem.slots}
    holds: dict[str, list[str]] = {who: [] for who in problem.students}
    for who, what in placed:
        groups[what].append(who)
        holds[who].append(what)
    for what, group in groups.items():
        found += [f"{what}: {fault}" for fault in _slot_faults(problem, problem.slots[what], group)]
    for who, mine in holds.items():
        found += [f"{who}: {fault}" for fault in _student_faults(problem, mine)]
        other = problem.students[who].companion
        if other and set(mine) != set(holds[other]):
            found.append(f"{who} and {other} are companions apart")
    return found + _day_faults(problem, placed)


def _slot_faults(problem: Problem, slot: Slot, group: list[str]) -> list[str]:
    of_school = Counter(problem.students[who].school for who in group)
    low = [who for who in group if problem.students[who].priority < problem.policy["reserved_priority"]]
    most = slot.max_per_school
    found = []
    if len(group) > slot.capacity:
        found.append("more students than seats")
    if len(low) > slot.capacity - slot.reserved:
        found.append("reserved seats given away")
    if 0 < len(group) < slot.min_group:
        found.append("a group too small")
    if most is not None and max(of_school.values(), default=0) > most:
        found.append("too many of one school")
    if slot.single_school and len(of_school) > 1:
        found.append("more than one school")
    return found


def _student_faults(problem: Problem, mine: list[str]) -> list[str]:
    slots = [problem.slots[what] for what in mine]
    found = []
    if len(slots) > problem.policy["places_per_student"]:
        found.append("too many places")
    if sum(len(slot.days) for slot in slots) > len(frozenset().union(*(slot.days for slot in slots))):
        found.append("two places on one day")
    sectors = [slot.sector for slot in slots if slot.sector]
    if problem.policy["variety"] == "require" and len(set(sectors)) < len(sectors):
        found.append("a sector twice")
    return found


def _day_faults(problem: Problem, placed: Iterable[Key]) -> list[str]:
    employer: Counter[tuple[str, object]] = Counter()
    school: Counter[tuple[str, object]] = Counter()
    for who, what in placed:
        for day in problem.slots[what].days:
            employer[problem.slots[what].employer, day] += 1
            school[problem.students[who].school, day] += 1
    return _over("employer", employer, problem.employer_caps) + _over("school", school, problem.school_caps)


def _over(kind: str, counts: Mapping[tuple[str, object], int], caps: Mapping[str, int]) -> list[str]:
    over = {name for (name, _), count in counts.items() if count > caps.get(name, count)}
    return [f"{kind} {name} has too many on one day" for name in sorted(over)]
