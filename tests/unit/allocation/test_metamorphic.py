"""What must not change when an instance is changed in a way that doesn't matter, and what may only get better."""

import random
from dataclasses import replace

import pytest

from hub_allocation.result import make_result
from hub_allocation.stopwatch import Stopwatch
from tests.support.oracle import exhaustive
from tests.support.oracle.generated import Generated, as_one, several_rounds
from tests.support.oracle.problem import Row, read_problem
from tests.support.oracle.rules import better_key, level_values
from tests.unit.allocation.agreement import Theirs, ask_library, of_round, seeds
from tests.unit.allocation.rounds import still

OBJECTIVES = ("balanced", "rank_maximal")
STABLE_RULES = ("eligibility", "interests")


def rounds(seed: int, objective: str, *, count: int = 12) -> list[Generated]:
    """Small rounds that some allocation fits."""
    if objective == "stable":
        made = several_rounds(seed, count=count, objective=objective, rules=STABLE_RULES)
        return [one.under({**one.policy, "variety": "off"}) for one in made]
    made = several_rounds(seed, count=count, objective=objective)
    return [one for one in made if exhaustive.best(read_problem(one.rows, one.policy))]


def solved(made: Generated, *, workers: int = 1) -> Theirs:
    theirs = ask_library(made, workers=workers)
    assert theirs is not None
    return theirs


def files(theirs: Theirs) -> dict[str, bytes]:
    return make_result(theirs.outcome, watch=Stopwatch(still)).files()


def with_rows(made: Generated, table: str, rows: list[Row]) -> Generated:
    return replace(made, rows={**made.rows, table: rows})


@pytest.mark.parametrize("objective", [*OBJECTIVES, "stable"])
def test_order_of_the_rows_changes_no_byte(objective: str) -> None:
    for seed in seeds(1, first=20):
        made = as_one(rounds(seed, objective))
        rng = random.Random(seed)  # noqa: S311 -- no secret
        shuffled = replace(made, rows={name: rng.sample(rows, len(rows)) for name, rows in made.rows.items()})
        assert files(solved(shuffled)) == files(solved(made)), seed


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_one_seat_more_makes_no_round_worse(objective: str) -> None:
    for seed in seeds(1, first=40):
        rng = random.Random(seed)  # noqa: S311 -- no secret
        before = rounds(seed, objective)
        after = [with_rows(made, "slots", one_seat_more(made.rows["slots"], rng)) for made in before]
        old, new = solved(as_one(before)), solved(as_one(after))
        for made in before:
            problem = read_problem(made.rows, made.policy)
            was, is_ = (level_values(problem, of_round(made, theirs.placements)) for theirs in (old, new))
            assert better_key(is_) <= better_key(was), (seed, made.rows)


def one_seat_more(slots: list[Row], rng: random.Random) -> list[Row]:
    lucky = rng.choice(slots)
    return [row | {"capacity": str(int(row["capacity"]) + (row is lucky))} for row in slots]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_student_who_got_nothing_is_not_missed(objective: str) -> None:
    removed = 0
    for seed in seeds(1, first=60):
        before = rounds(seed, objective)
        old = solved(as_one(before))
        placed = {who for who, _ in old.placements}
        after = [without_one(made, placed) for made in before]
        removed += sum(
            len(one.rows["students"]) < len(made.rows["students"]) for one, made in zip(after, before, strict=True)
        )
        assert solved(as_one(after)).placements == old.placements, seed
    assert removed


def without_one(made: Generated, placed: set[str]) -> Generated:
    """The round without one of those who got nothing, and without that student's companion, who got nothing either."""
    companions = {row["student_id"]: row.get("companion_id", "") for row in made.rows["students"]}
    gone = sorted(companions.keys() - placed)[:1]
    gone += [who for who, other in companions.items() if gone and who not in gone and other == gone[0]]
    gone += [companions[who] for who in gone if companions[who] and companions[who] not in gone]
    rows = {
        table: [row for row in found if row.get("student_id", "") not in gone] for table, found in made.rows.items()
    }
    return replace(made, rows=rows)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_everything_twice_doubles_every_level_but_the_lottery(objective: str) -> None:
    for seed in seeds(1, first=80):
        made = rounds(seed, objective)
        once = solved(as_one(made)).levels
        twice = solved(as_one([*made, *(one.named("again-") for one in made)])).levels
        assert twice[:-1] == tuple((name, 2 * value) for name, value in once[:-1]), seed


@pytest.mark.parametrize("objective", [*OBJECTIVES, "stable"])
def test_slot_that_nobody_wants_changes_no_placement(objective: str) -> None:
    made = as_one(rounds(90, objective))
    unwanted = {**made.rows["slots"][0], "slot_id": "unwanted", "capacity": "9", "sector": "", "reserved": ""}
    unwanted |= {"max_per_school": "", "min_group": "", "single_school": "", "employer_id": "E-new"}
    employers = [*made.rows["employers"], {"employer_id": "E-new", "max_at_once": ""}]
    more = with_rows(with_rows(made, "slots", [*made.rows["slots"], unwanted]), "employers", employers)
    assert solved(more).placements == solved(made).placements


def test_any_number_of_workers_writes_the_same_files() -> None:
    made = as_one(rounds(100, "balanced", count=8))
    assert files(solved(made, workers=2)) == files(solved(made))
