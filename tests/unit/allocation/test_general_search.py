"""The engine for other rules under pressure: no time, a caller who stops it, components too large for one search."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from hub_allocation.components.prepared import Prepared, prepare
from hub_allocation.errors import BadInput, Infeasible, Stopped
from hub_allocation.general import PartSolved, solve_part
from hub_allocation.general.large import conditional_bound
from hub_allocation.general.part import make_part
from hub_allocation.general.relaxation import relax
from hub_allocation.general.repair import repaired
from hub_allocation.general.rules import make_rules
from hub_allocation.instance import Longs
from hub_allocation.policy import Policy
from tests.support.oracle.generated import generated
from tests.unit.allocation.agreement import instance_of, seeds
from tests.unit.allocation.rounds import Round, make_round, read, slot, student, wishes

MAXIMISED = ("students", "placements", "priority", "rank_1", "rank_2", "rank_3", "rank_4", "rank_5", "rank_6")


def solve_one(
    prepared: Prepared,
    part: Longs,
    *,
    seconds: float = 1000.0,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    exact_pairs: int = 20_000,
) -> PartSolved:
    """Solve one component with so much time."""
    return solve_part(
        prepared.instance, prepared.pairs, part, standing=None, clock=time.monotonic,
        deadline=time.monotonic() + seconds, check=check, progress=progress, workers=1, exact_pairs=exact_pairs,
    )  # fmt: skip


def keeps_every_rule(prepared: Prepared, part: Longs, solved: PartSolved) -> bool:
    """Whether an answer is feasible and its values are what it comes to."""
    own = make_part(prepared.instance, prepared.pairs, part, standing=None)
    taken = np.isin(own.at, solved.chosen)
    return make_rules(own, forced=own.pairs.pinned).hold(taken) and own.values(taken) == solved.values


def honest(part_names: list[str], solved: PartSolved, best: tuple[int, ...]) -> bool:
    """Whether the first level not proven has its optimum between the value and the bound."""
    for name, value, bound, right in zip(part_names, solved.values, solved.bounds, best, strict=True):
        if value != bound:
            return value <= right <= bound if name in MAXIMISED else bound <= right <= value
        if value != right:
            return False
    return True


def crowd(students: int, *, fewest: int = 3) -> Round:
    """Students who all want the same few groups, each in an order of their own."""
    rng = np.random.default_rng(students)
    slots = [f"L{at}" for at in range(max(2, students // 5))]
    return make_round(
        [student(f"P{at:03d}", school_id=f"S{at % 3}") for at in range(students)],
        [slot(name, capacity=5, min_group=fewest, max_per_school=2, reserved=1) for name in slots],
        wishes(**{f"P{at:03d}": rng.permutation(slots)[:6].tolist() for at in range(students)}),
    )


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_a_large_components_answer_keeps_the_rules_and_its_bounds_are_honest(objective: str) -> None:
    proven = total = 0
    for seed in seeds(40, first=7000):
        made = generated(seed, objective=objective, most_students=9, most_slots=5)
        try:
            prepared = prepare(instance_of(made))
        except BadInput:
            continue  # pins that no allocation could keep
        for part in prepared.split.parts:
            try:
                best = solve_one(prepared, part)
            except Infeasible:
                with pytest.raises(Infeasible):
                    solve_one(prepared, part, exact_pairs=0)
                continue
            found = solve_one(prepared, part, exact_pairs=0)
            names = [aim.name for aim in make_part(prepared.instance, prepared.pairs, part, standing=None).aims]
            assert best.values == best.bounds
            assert keeps_every_rule(prepared, part, found), (seed, sorted(made.rules))
            assert honest(names, found, best.values), (seed, sorted(made.rules), found, best)
            proven, total = proven + (found.values == best.values), total + 1
    assert proven > total / 2


@pytest.mark.parametrize("exact_pairs", [0, 1_000_000])
def test_without_any_time_there_is_an_answer_with_honest_bounds(exact_pairs: int) -> None:
    prepared = prepare(read(crowd(20)))
    (part,) = prepared.split.parts
    best = solve_one(prepared, part)
    found = solve_one(prepared, part, seconds=0.0, exact_pairs=exact_pairs)
    names = ["students", "placements", "priority", "rank_cost", "minutes", "lottery"]
    assert keeps_every_rule(prepared, part, found)
    assert honest(names, found, best.values)


def test_without_any_time_pins_are_kept() -> None:
    rows = crowd(20, fewest=4)
    for at in (3, 4, 5, 6):
        rows["students"][at]["pinned_slot_id"] = f"L{at % 2}"
    prepared = prepare(read(rows))
    (part,) = prepared.split.parts
    found = solve_one(prepared, part, seconds=0.0)
    assert keeps_every_rule(prepared, part, found)
    assert set(np.flatnonzero(prepared.pairs.pinned)) <= set(found.chosen.tolist())


@pytest.mark.parametrize("exact_pairs", [0, 1_000_000])
def test_the_caller_stops_a_search_within_a_second(exact_pairs: int) -> None:
    prepared = prepare(read(crowd(150)))
    part = max(prepared.split.parts, key=len)
    asked: list[float] = []
    said: list[float] = []

    def check() -> None:
        asked.append(time.monotonic())
        if len(asked) >= 8:
            said.append(time.monotonic())
            raise Stopped

    with pytest.raises(Stopped):
        solve_one(prepared, part, check=check, exact_pairs=exact_pairs)
    assert len(said) == 1


def test_any_number_of_threads_gives_the_same_optimum() -> None:
    prepared = prepare(read(crowd(25), Policy(objective="rank_maximal")))
    (part,) = prepared.split.parts
    answers = [
        solve_part(
            prepared.instance, prepared.pairs, part, standing=None, clock=time.monotonic,
            deadline=time.monotonic() + 1000, check=lambda: None, progress=lambda *_: None, workers=workers,
        )
        for workers in (1, 3)
    ]  # fmt: skip
    assert answers[0].chosen.tolist() == answers[1].chosen.tolist()
    assert answers[0].values == answers[0].bounds == answers[1].bounds


def test_progress_tells_levels_of_the_objective_between_value_and_bound() -> None:
    prepared = prepare(read(crowd(60)))
    part = max(prepared.split.parts, key=len)
    heard: list[tuple[str, int, int]] = []
    solve_one(prepared, part, seconds=3.0, progress=lambda *told: heard.append(told))
    assert heard
    for name, value, bound in heard:
        assert name in ("students", "placements", "priority", "rank_cost", "minutes", "lottery")
        assert value <= bound if name in MAXIMISED else bound <= value


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
@pytest.mark.parametrize("rank_cost", ["quadratic", (0, 10, 500_000, 1_000_000)])
def test_a_bound_by_prices_is_never_beyond_an_allocation(objective: str, rank_cost: "str | tuple[int, ...]") -> None:
    rng = np.random.default_rng(5)
    slots = [f"L{at}" for at in range(90)]
    rows = make_round(
        [student(f"P{at:03d}", priority=rng.choice([0, 100, 900])) for at in range(400)],
        [slot(name, capacity=6, min_group=5 if at % 2 else "") for at, name in enumerate(slots)],
        wishes(**{f"P{at:03d}": rng.choice(slots, 5, replace=False).tolist() for at in range(400)}),
    )
    prepared = prepare(read(rows, Policy(objective=objective, rank_cost=rank_cost)))
    part = max(prepared.split.parts, key=len)
    own = make_part(prepared.instance, prepared.pairs, part, standing=None)
    rules = make_rules(own, forced=own.pairs.pinned)
    relaxed = relax(own, forced=rules.forced, standing=None, check=lambda: None)
    taken = repaired(rules, relaxed.taken)
    assert taken is not None
    told = []
    for place, aim in enumerate(own.aims[:-1]):
        found = conditional_bound(rules, relaxed, taken, place=place, going_on=lambda _: False)
        if found is not None:
            value = own.values(taken)[place]
            assert found[0] >= value if aim.maximise else found[0] <= value, aim.name
            told.append(aim.name)
    assert told
