"""Changes to an allocation in memory, each against the same change solved afresh from files."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from hub_allocation.change import list_moves, read_standing
from hub_allocation.change.loaded import Changed, ChangeRefused, Loaded, Wish
from hub_allocation.eligibility import find_pairs
from hub_allocation.outcome import ALLOCATION_HEADER, csv_bytes
from hub_allocation.policy import Policy
from hub_allocation.solve import Solved, solve
from tests.unit.allocation import changed
from tests.unit.allocation.rounds import Round, Row, journey, make_round, read, slot, still, student, wishes

Rows = dict[str, list[Row]]


def random_round(rng: random.Random, *, students: int, slots: int) -> Round:
    """A crowded round with reserves, limits for schools and days that don't bind yet, priorities and equal ranks."""
    names = [f"L{at}" for at in range(slots)]
    preferences: list[Row] = []
    for at in range(students):
        rank = 1
        for place, what in enumerate(rng.sample(names, rng.randint(0, min(slots, 5)))):
            rank += place > 0 and rng.random() < 0.7
            preferences.append({"student_id": f"P{at}", "rank": str(rank), "slot_id": what})
    offered = []
    for at, name in enumerate(names):
        capacity, kind = rng.randint(0, 4), rng.choice(["plain", "plain", "reserved", "school", "both", "single"])
        capacity = min(capacity, 1) if kind == "single" else capacity
        limits: dict[str, int | str] = {"reserved": rng.randint(0, capacity)} if kind == "reserved" else {}
        limits |= {"max_per_school": rng.randint(0, 5)} if kind == "school" else {}
        limits |= {"reserved": rng.randint(0, capacity), "max_per_school": capacity} if kind == "both" else {}
        limits |= {"single_school": "true"} if kind == "single" else {}
        offered.append(slot(name, capacity=capacity, postcode=f"W{at % 4}", employer_id=f"E{at % 3}", **limits))
    people = [
        student(
            f"P{at}", priority=rng.choice([0, 0, 3, 1000]), postcode=f"H{at % 5}", school_id=rng.choice(["S1", "S2"])
        )
        for at in range(students)
    ]
    places = [(f"H{home}", f"W{place}") for home in range(5) for place in range(4)]
    travel = [journey(rng.randint(1, 70), origin=home, destination=place) for home, place in places]
    seats = sum(int(row["capacity"]) for row in offered)
    caps = [{"employer_id": f"E{at}", "max_at_once": rng.choice(["", str(seats + at)])} for at in range(3)]
    schools = [{"school_id": name, "max_out_at_once": rng.choice(["", str(students + 1)])} for name in ("S1", "S2")]
    return make_round(people, offered, preferences, travel=travel, employers=caps, schools=schools)


class Both:
    """A round changed in memory and in its rows; ``agree`` compares what memory says with solving the rows afresh."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.policy = Policy(lottery_seed="s", reserved_priority=500)
        instance = read(rows, self.policy)
        outcome = solve(instance, clock=still)
        assert isinstance(outcome, Solved)
        self.loaded = Loaded(instance, outcome.pairs, outcome.chosen)
        self.stood = self.loaded.placements()
        self.check_start = [(level.name, level.value) for level in outcome.levels]

    def agree(self, told: Changed) -> None:
        instance = read(self.rows, self.policy)
        pairs = find_pairs(instance)
        data = csv_bytes(ALLOCATION_HEADER, ((*key, "", "0", "") for key in self.stood))
        standing = read_standing(instance, pairs, data)
        outcome = solve(instance, clock=still, standing=standing.holds)
        assert isinstance(outcome, Solved)
        fresh = list_moves(instance, pairs, standing, outcome.chosen)
        assert [(one.name, one.value) for one in told.levels] == [(one.name, one.value) for one in outcome.levels]
        placed = sorted(
            (instance.students.ids[pairs.student[at]], instance.slots.ids[pairs.slot[at]]) for at in outcome.chosen
        )
        assert self.loaded.placements() == placed
        assert [move.cells()[:3] for move in told.moves] == [move.cells()[:3] for move in fresh]
        self.stood = placed


def withdraw(both: Both, who: str, what: str, _rng: random.Random) -> Changed:
    changed.withdraw(both.rows, who, what)
    return both.loaded.withdraw(who)


def decline(both: Both, who: str, what: str, _rng: random.Random) -> Changed | None:
    # What remains keeps its rank in memory; so it does in the files where nothing better than it was declined.
    rank = next(row["rank"] for row in both.rows["preferences"] if (row["student_id"], row["slot_id"]) == (who, what))
    mine = [row for row in both.rows["preferences"] if row["student_id"] == who]
    if any(int(row["rank"]) > int(rank) for row in mine) and sum(row["rank"] == rank for row in mine) == 1:
        return None
    changed.decline(both.rows, who, what)
    return both.loaded.decline(who)


def lose_seat(both: Both, who: str, what: str, _rng: random.Random) -> Changed:
    changed.lose_seat(both.rows, who, what)
    return both.loaded.lose_seat(what)


def close_slot(both: Both, who: str, what: str, _rng: random.Random) -> Changed:
    for row in both.rows["slots"]:
        if row["slot_id"] == what:  # the slot stays in the file without a seat, so that nobody's ranks change
            row["capacity"], row["reserved"] = "0", ""
    return both.loaded.close_slot(what)


def add_seat(both: Both, _who: str, _what: str, rng: random.Random) -> Changed:
    row = rng.choice(both.rows["slots"])
    row["capacity"] = str(int(row["capacity"]) + 1)
    return both.loaded.add_seat(row["slot_id"])


def add_student(both: Both, who: str, _what: str, rng: random.Random) -> Changed:
    model = next(row for row in both.rows["students"] if row["student_id"] == who)
    mine = [row for row in both.rows["preferences"] if row["student_id"] == who]
    name = f"{who}-{rng.randint(0, 10**6)}"
    minutes = {
        (row["origin_postcode"], row["destination_postcode"]): int(row["minutes"]) for row in both.rows["travel"]
    }
    place = {row["slot_id"]: row["postcode"] for row in both.rows["slots"]}
    trip = {row["slot_id"]: minutes[model["postcode"], place[row["slot_id"]]] for row in mine}
    wished = [
        Wish(row["slot_id"], int(row["rank"]), trip[row["slot_id"]]) for row in mine if trip[row["slot_id"]] <= 60
    ]
    both.rows["students"].append({**model, "student_id": name, "pinned_slot_id": ""})
    both.rows["preferences"] += [{**row, "student_id": name} for row in mine]
    return both.loaded.add_student(name, wished, priority=int(model["priority"]), school_id=model["school_id"])


def pin(both: Both, who: str, what: str, rng: random.Random) -> Changed:
    mine = [row["slot_id"] for row in both.rows["preferences"] if row["student_id"] == who]
    target = rng.choice(mine)
    told = both.loaded.pin(who, target)
    for row in both.rows["students"]:
        if row["student_id"] == who:
            row["pinned_slot_id"] = target
    return told


CHANGES: dict[str, Callable[[Both, str, str, random.Random], Changed | None]] = {
    "withdraw": withdraw, "decline": decline, "lose_seat": lose_seat, "close_slot": close_slot,
    "add_seat": add_seat, "add_student": add_student, "pin": pin,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_kind_of_change_comes_to_what_solving_afresh_comes_to(name: str) -> None:
    made = 0
    for seed in range(12):
        rng = random.Random(f"{name} {seed}")  # noqa: S311 -- invented rounds
        both = Both(random_round(rng, students=rng.randint(4, 30), slots=rng.randint(2, 9)))
        for _ in range(4):
            made += one_change(both, name, rng)
    assert made > 20


@pytest.mark.parametrize("seed", range(8))
def test_any_changes_one_after_the_other(seed: int) -> None:
    rng = random.Random(f"all {seed}")  # noqa: S311 -- invented rounds
    both = Both(random_round(rng, students=40, slots=12))
    made = sum(one_change(both, rng.choice(sorted(CHANGES)), rng) for _ in range(25))
    assert made > 5


def one_change(both: Both, name: str, rng: random.Random) -> bool:
    """Make one change and compare; False when this one can't be made."""
    pinned = {row["student_id"] for row in both.rows["students"] if row.get("pinned_slot_id")}
    free = [key for key in both.stood if name == "withdraw" or key[0] not in pinned]
    if not free:
        return False
    who, what = rng.choice(free)
    before = {table: [dict(row) for row in rows] for table, rows in both.rows.items()}
    try:
        told = CHANGES[name](both, who, what, rng)
    except ChangeRefused:
        both.rows = before
        return False
    if told is not None:
        both.agree(told)
    return told is not None


def loaded(round_: Round, policy: Policy | None = None) -> Loaded:
    instance = read(round_, policy)
    outcome = solve(instance, clock=still)
    assert isinstance(outcome, Solved)
    return Loaded(instance, outcome.pairs, outcome.chosen)


def two() -> Round:
    people = [student("ann"), student("ben", priority=5), student("cat", pinned_slot_id="L2")]
    return make_round(people, [slot("L1"), slot("L2")], wishes(ann="L1", ben="L1"))


def test_who_moves_is_told_with_why() -> None:
    allocation = loaded(two())
    assert allocation.placements() == [("ben", "L1"), ("cat", "L2")]
    told = allocation.withdraw("ben")
    assert [move.cells() for move in told.moves] == [("ann", "", "L1", "new"), ("ben", "L1", "", "withdrawn")]
    assert [(level.name, level.value) for level in told.levels][:-1] == [
        ("students", 2), ("placements", 2), ("priority", 0), ("rank_cost", 0), ("moves", 1), ("minutes", 20),
    ]  # fmt: skip
    assert [move.cells() for move in allocation.lose_seat("L1").moves] == [("ann", "L1", "", "lost_seat")]
    assert [move.cells() for move in allocation.add_seat("L1").moves] == [("ann", "", "L1", "new")]
    assert [move.cells() for move in allocation.decline("ann").moves] == [("ann", "L1", "", "declined")]
    told = allocation.add_student("dan", [Wish("L1", rank=1, minutes=10)], school_id="S1")
    assert [move.cells() for move in told.moves] == [("dan", "", "L1", "new")]
    assert [move.cells() for move in allocation.close_slot("L1").moves] == [("dan", "L1", "", "lost_slot")]
    assert [move.cells() for move in allocation.withdraw("cat").moves] == [("cat", "L2", "", "withdrawn")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: one.withdraw("eve"), "eve does not take part"),
        (lambda one: one.lose_seat("L9"), "L9 is not offered"),
        (lambda one: one.lose_seat("L2"), "L2 has no seat to lose"),
        (lambda one: one.close_slot("L2"), "L2 can't close while cat are pinned"),
        (lambda one: one.decline("ann"), "ann has no placement to decline"),
        (lambda one: one.decline("cat"), "cat has no placement to decline"),
        (lambda one: one.pin("ann", "L2"), "ann can't be pinned to L2"),
        (lambda one: one.add_student("ann", [], school_id="S1"), "ann takes part already"),
    ],
    ids=range(8),
)
def test_a_change_that_can_not_be_made_is_refused_and_changes_nothing(
    change: Callable[[Loaded], Changed], said: str
) -> None:
    allocation = loaded(two())
    before = allocation.placements()
    with pytest.raises(ChangeRefused, match=said):
        change(allocation)
    assert allocation.placements() == before
    assert allocation.withdraw("ben").moves[0].cells() == ("ann", "", "L1", "new")


def test_what_is_no_network_or_no_optimum_is_refused() -> None:
    with pytest.raises(ChangeRefused, match="only balanced"):
        loaded(two(), Policy(objective="rank_maximal"))
    groups = make_round([student("ann")], [slot("L1", capacity=2, min_group=2)], wishes(ann="L1"))
    with pytest.raises(ChangeRefused, match="form a network"):
        loaded(groups)
    instance = read(two())
    pairs = find_pairs(instance)
    with pytest.raises(ChangeRefused, match="not the best"):
        Loaded(instance, pairs, np.flatnonzero(pairs.pinned))


def test_keys_of_a_round_with_thousands_of_slots_fit() -> None:
    people = [student("ann"), student("ben")]
    allocation = loaded(
        make_round(people, [slot(f"L{at}") for at in range(6000)], wishes(ann=["L0", "L1"], ben=["L0", "L1"]))
    )
    (first, _), (second, _) = sorted(allocation.placements(), key=lambda placed: placed[1])
    told = allocation.withdraw(first)
    assert [move.cells() for move in told.moves] == sorted(
        [(first, "L0", "", "withdrawn"), (second, "L1", "L0", "improved")]
    )
