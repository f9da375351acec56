"""Asks the library and an independent program the same question and compares the answers."""

import itertools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.instance import Flags, Instance
from hub_allocation.policy import Policy
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.verify import verify
from tests.support.oracle import exhaustive
from tests.support.oracle.generated import Generated, as_one
from tests.support.oracle.problem import Key, Problem, read_problem
from tests.support.oracle.rules import Levels, better_key, faults, level_values
from tests.unit.allocation.rounds import read, still


def seeds(count: int, *, first: int = 0) -> range:
    """So many seeds, times HUB_ORACLE_SCALE (1): a long run tries other rounds than a short one's."""
    return range(first, first + int(count * float(os.environ.get("HUB_ORACLE_SCALE", "1"))))


@dataclass(frozen=True)
class Theirs:
    """What the library answered."""

    outcome: Solved
    levels: Levels
    bounds: tuple[int, ...]
    placements: frozenset[Key]


def instance_of(made: Generated) -> Instance:
    """The round as the library reads it."""
    return read(made.rows, Policy.from_mapping(made.policy))


def ask_library(
    made: Generated,
    *,
    standing: Iterable[Key] | None = None,
    fixed: Iterable[Key] = (),
    workers: int = 1,
    hurried: bool = False,
) -> Theirs | None:
    """Solve a round; None when the library says that the pins and the rules can't hold.

    ``hurried``: by a clock on which the time is up at once.
    """
    hours = itertools.count(0.0, 3600.0)
    clock = (lambda: next(hours)) if hurried else still
    instance = instance_of(made)
    pairs = find_pairs(instance)
    stays = None if standing is None else flags(instance, pairs, standing)
    held = flags(instance, pairs, fixed)
    try:
        outcome = solve(
            instance, clock=clock, standing=stays, fixed=held if held.any() else None, workers=workers
        )  # fmt: skip
    except (BadInput, Infeasible):
        return None
    assert isinstance(outcome, Solved)
    levels = tuple((level.name, level.value) for level in outcome.levels)
    placements = keys_of(instance, outcome.pairs, outcome.chosen)
    return Theirs(outcome, levels, tuple(level.bound for level in outcome.levels), placements)


def keys_of(instance: Instance, pairs: Pairs, chosen: "np.ndarray") -> frozenset[Key]:
    """(student_id, slot_id) of these pairs."""
    who, what = pairs.student[chosen].tolist(), pairs.slot[chosen].tolist()
    return frozenset((instance.students.ids[a], instance.slots.ids[b]) for a, b in zip(who, what, strict=True))


def flags(instance: Instance, pairs: Pairs, keys: Iterable[Key]) -> Flags:
    """Which pairs these are; keys that are no pair are left out."""
    wanted = set(keys)
    every = zip(pairs.student.tolist(), pairs.slot.tolist(), strict=True)
    names = [(instance.students.ids[who], instance.slots.ids[what]) in wanted for who, what in every]
    return np.array(names, dtype=bool)


def verify_answer(theirs: Theirs) -> list[str]:
    """What the verifier has against an answer's files."""
    prepared = theirs.outcome.prepared
    files = make_result(theirs.outcome, watch=Stopwatch(still)).files()
    return list(verify(prepared.instance, files, standing=prepared.standing, fixed=prepared.fixed).reasons)


def of_round(made: Generated, placements: Iterable[Key]) -> frozenset[Key]:
    """The placements of one round among those of several solved as one."""
    students = {row["student_id"] for row in made.rows["students"]}
    return frozenset(key for key in placements if key[0] in students)


def disagreement(problem: Problem, theirs: Theirs | None, *, levels: Levels | None, exact_lottery: bool) -> str:
    """What is wrong with the library's answer, "" if nothing; ``levels`` is the other program's (None: infeasible).

    ``exact_lottery``: whether the other program is sure of the lottery, or may have missed a smaller sum.
    """
    if theirs is None or levels is None:
        both = theirs is None and levels is None
        return "" if both else f"library {theirs and theirs.levels}, oracle {levels}"
    broken = faults(problem, theirs.placements)
    if broken:
        return f"the library's allocation breaks: {broken}"
    counted = level_values(problem, theirs.placements)
    if counted != theirs.levels:
        return f"the library counts {theirs.levels}, its allocation comes to {counted}"
    if theirs.bounds != tuple(value for _, value in counted):
        return f"not proven: {counted}, bounds {theirs.bounds}"
    if counted == levels or (
        not exact_lottery and counted[:-1] == levels[:-1] and better_key(counted) < better_key(levels)
    ):
        return ""
    return f"library {counted}, oracle {levels}"


def wrong_together(
    rounds: Sequence[Generated], standing: frozenset[Key] | None = None, fixed: frozenset[Key] = frozenset()
) -> list[str]:
    """What the library gets wrong in rounds solved as one; those that no allocation fits are left out."""
    problems = [
        read_problem(made.rows, made.policy, standing=standing, frozen=of_round(made, fixed)) for made in rounds
    ]
    bests = [exhaustive.best(problem) for problem in problems]
    possible = [made for made, best in zip(rounds, bests, strict=True) if best]
    theirs = ask_library(as_one(possible), standing=standing, fixed=fixed)
    assert theirs is not None
    wrong = [] if theirs.outcome.status == "optimal" else [f"not proven: {theirs.levels}, bounds {theirs.bounds}"]
    wrong += verify_answer(theirs)
    for place, (made, problem, best) in enumerate(zip(rounds, problems, bests, strict=True)):
        placed = of_round(made, theirs.placements)
        if best and (broken := faults(problem, placed)):
            wrong.append(f"round {place} {sorted(made.rules)} breaks {broken}")
        elif best and level_values(problem, placed) != best.levels:
            wrong.append(f"round {place} {sorted(made.rules)}: {level_values(problem, placed)}, oracle {best.levels}")
        elif best and best.ties == 1 and placed != best.placements:
            wrong.append(f"round {place}: {placed}, oracle {best.placements}")
    return wrong
