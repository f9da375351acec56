"""Change runs against every allocation tried: fewest moves, nobody moved who may stay, the list of moves."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest

from hub_allocation.change import Lost, Move, Standing, list_moves, moves_bytes, read_standing, still_hold
from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import BadInput
from hub_allocation.instance import Instance
from hub_allocation.outcome import ALLOCATION_HEADER, csv_bytes, placements_of
from hub_allocation.policy import Policy
from hub_allocation.solve import Solved, solve
from tests.support.oracle import exhaustive
from tests.support.oracle.generated import GENERAL, RULES, Generated, as_one, several_rounds
from tests.support.oracle.problem import Key, Problem, read_problem
from tests.support.oracle.rules import faults, level_values
from tests.unit.allocation.agreement import ask_library, instance_of, keys_of
from tests.unit.allocation.changed import CHANGES, changed
from tests.unit.allocation.rounds import Round, make_round, read, slot, still, student, wishes

NETWORK = tuple(rule for rule in RULES if rule not in GENERAL)
BATCH = 25


@dataclass(frozen=True)
class Case:
    """A round after a change, with what stood before."""

    change: str
    made: Generated
    standing: frozenset[Key]

    def problem(self, frozen: frozenset[Key] = frozenset()) -> Problem:
        return read_problem(self.made.rows, self.made.policy, standing=self.standing, frozen=frozen)

    def own(self, placed: frozenset[Key]) -> frozenset[Key]:
        mine = {row["student_id"] for row in self.made.rows["students"]}
        return frozenset(key for key in placed if key[0] in mine)


def cases(seed: int, objective: str, rules: tuple[str, ...]) -> list[Case]:
    """Rounds with allocations that stood before a change, of each kind; those that no allocation fits are left out."""
    rng = random.Random(f"{seed} {objective}")  # noqa: S311 -- invented rounds
    found: list[Case] = []
    for made in several_rounds(seed, count=BATCH, objective=objective, rules=rules):
        before = exhaustive.best(read_problem(made.rows, made.policy))
        if before is None:
            continue
        change, after = changed(made, before.placements, rng, kind=sorted(CHANGES)[len(found) % len(CHANGES)])
        found.append(Case(change, after, before.placements))
    return [case for case in found if exhaustive.best(case.problem())]


def standing_of(instance: Instance, whole: frozenset[Key]) -> Standing:
    pairs = find_pairs(instance)
    data = csv_bytes(ALLOCATION_HEADER, ((*key, "", "0", "") for key in sorted(whole)))
    return read_standing(instance, pairs, data)


def all_stood(found: list[Case]) -> frozenset[Key]:
    return frozenset().union(*(case.standing for case in found))


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
@pytest.mark.parametrize("rules", [NETWORK, RULES], ids=["network", "all"])
@pytest.mark.parametrize("seed", range(2))
def test_the_best_with_fewest_moves(seed: int, rules: tuple[str, ...], objective: str) -> None:
    found = cases(seed, objective, rules)
    assert {case.change for case in found} == set(CHANGES)
    whole = as_one([case.made for case in found])
    instance = instance_of(whole)
    pairs = find_pairs(instance)
    standing = standing_of(instance, all_stood(found))
    outcome = solve(instance, clock=still, standing=standing.holds)
    assert isinstance(outcome, Solved)
    placed = keys_of(instance, pairs, outcome.chosen)
    for case in found:
        best = exhaustive.best(case.problem())
        assert best is not None
        assert faults(case.problem(), case.own(placed)) == []
        assert level_values(case.problem(), case.own(placed)) == best.levels, case
    moves = list_moves(instance, pairs, standing, outcome.chosen)
    as_told = Counter(dict.fromkeys(all_stood(found), 1))
    for move in moves:
        if move.from_slot_id:
            as_told[move.student_id, move.from_slot_id] -= 1
        if move.to_slot_id:
            as_told[move.student_id, move.to_slot_id] += 1
    assert {key for key, count in as_told.items() if count} == placed
    assert set(as_told.values()) <= {0, 1}
    told = sum(move.to_slot_id is not None for move in moves)
    assert told == next(level.value for level in outcome.levels if level.name == "moves")


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
@pytest.mark.parametrize("rules", [NETWORK, RULES], ids=["network", "all"])
@pytest.mark.parametrize("seed", range(2))
def test_frozen_moves_nobody_who_may_stay_and_places_the_rest_best(
    seed: int, rules: tuple[str, ...], objective: str
) -> None:
    for_change = cases(100 + seed, objective, rules)
    kept_of, possible = {}, []
    for at, case in enumerate(for_change):
        instance = instance_of(case.made)
        pairs = find_pairs(instance)
        held = still_hold(instance, pairs, standing_of(instance, case.standing).holds)
        kept = keys_of(instance, pairs, held.nonzero()[0])
        assert kept <= case.standing
        assert_nobody_else_could_stay(case, kept)
        if exhaustive.best(case.problem(kept)):
            kept_of[at] = kept
            possible.append(case)
    assert {case.change for case in possible} >= set(CHANGES) - {"pin"}  # which may not fit beside what stays
    fixed = frozenset().union(*kept_of.values())
    theirs = ask_library(as_one([case.made for case in possible]), standing=all_stood(possible), fixed=fixed)
    assert theirs is not None
    assert fixed <= theirs.placements
    for case, kept in zip(possible, kept_of.values(), strict=True):
        best = exhaustive.best(case.problem(kept))
        assert best is not None
        assert level_values(case.problem(kept), case.own(theirs.placements)) == best.levels, case


def assert_nobody_else_could_stay(case: Case, kept: frozenset[Key]) -> None:
    """No standing placement that isn't kept keeps every rule beside those kept and the pins."""
    problem = case.problem()
    pins = {key for key in problem.forced if key in problem.pairs}
    before = {fault for fault in faults(problem, kept | pins) if "pin" not in fault}
    if before:
        return  # pins alone break a rule that more placements may mend
    for key in case.standing - kept:
        if key in problem.pairs and key not in pins:
            assert faults(problem, kept | pins | {key}) != [], (case, key)


def small() -> Round:
    return make_round(
        [student("ann"), student("ben", priority=5), student("cat")],
        [slot("L1", capacity=2), slot("L2"), slot("L3")],
        wishes(ann=["L1", "L2"], ben=["L1", "L3"], cat=["L2", "L1"]),
    )


STOOD = b"student_id,slot_id,rank,minutes,mode_used\nann,L1,1,10,walk\nben,L1,1,10,walk\ncat,L2,1,10,walk\n"


def run(round_: Round, *, frozen: bool = False, stood: bytes = STOOD) -> list[Move]:
    instance = read(round_)
    pairs = find_pairs(instance)
    standing = read_standing(instance, pairs, stood)
    fixed = still_hold(instance, pairs, standing.holds) if frozen else None
    outcome = solve(instance, clock=still, standing=standing.holds, fixed=fixed)
    assert isinstance(outcome, Solved)
    return list_moves(instance, pairs, standing, outcome.chosen)


def test_nothing_changed_nobody_moves() -> None:
    assert run(small()) == []
    assert run(small(), frozen=True) == []


def test_a_withdrawn_student_and_who_gains_by_it() -> None:
    round_ = small()
    round_["slots"][0]["capacity"] = "1"
    round_["students"] = [row for row in round_["students"] if row["student_id"] != "ben"]
    round_["preferences"] = [row for row in round_["preferences"] if row["student_id"] != "ben"]
    stood = b"student_id,slot_id\nann,L2\nben,L1\n"
    assert run(round_, stood=stood) == [
        Move("ann", "L2", "L1", "improved"),
        Move("ben", "L1", None, "withdrawn"),
        Move("cat", None, "L2", "new"),
    ]
    assert run(round_, stood=stood, frozen=True) == [
        Move("ben", "L1", None, "withdrawn"),
        Move("cat", None, "L1", "new"),
    ]


def test_a_lost_seat_displaces_whom_the_levels_miss_least() -> None:
    round_ = small()
    round_["slots"][0]["capacity"] = "1"
    assert run(round_) == [Move("ben", "L1", "L3", "lost_seat")]
    # Frozen, those whom the objective values most keep what they have: ben has the higher priority.
    assert run(round_, frozen=True) == [Move("ann", "L1", None, "lost_seat")]


def test_a_lost_slot_a_declined_one_and_one_too_far() -> None:
    round_ = small()
    round_["slots"] = round_["slots"][:2]
    round_["preferences"] = wishes(ann=["L2"], ben=["L1"], cat=["L2", "L1"])
    round_["students"][1]["max_travel_minutes"] = "5"
    stood = STOOD + b"cat,L3,,,\n"
    instance = read(round_)
    pairs = find_pairs(instance)
    standing = read_standing(instance, pairs, stood)
    assert standing.lost == (
        Lost("ann", "L1", "declined"),
        Lost("ben", "L1", "not_feasible:too_far"),
        Lost("cat", "L3", "lost_slot"),
    )
    assert run(round_, stood=stood) == [
        Move("ann", "L1", "L2", "declined"),
        Move("ben", "L1", None, "not_feasible:too_far"),
        Move("cat", "L2", "L1", "displaced"),
        Move("cat", "L3", None, "lost_slot"),
    ]


def test_a_pin_moves_its_student_and_whoever_is_in_the_way() -> None:
    round_ = small()
    round_["students"][0]["pinned_slot_id"] = "L2"
    moves = run(round_)
    assert moves == [Move("ann", "L1", "L2", "pinned"), Move("cat", "L2", "L1", "displaced")]
    assert moves_bytes(moves) == (b"student_id,from_slot_id,to_slot_id,reason\nann,L1,L2,pinned\ncat,L2,L1,displaced\n")
    assert run(round_, frozen=True) == moves


def test_whose_group_closed_is_not_said_to_be_displaced() -> None:
    round_ = make_round(
        [student("ann"), student("ben")], [slot("L1", capacity=3, min_group=3), slot("L2", capacity=3)],
        wishes(ann=["L1", "L2"], ben=["L1"]),
    )  # fmt: skip
    assert run(round_, stood=b"student_id,slot_id\nann,L1\nben,L1\ndan,L1\n") == [
        Move("ann", "L1", "L2", "not_run"),
        Move("ben", "L1", None, "not_run"),
        Move("dan", "L1", None, "withdrawn"),
    ]


def test_who_leaves_a_seat_that_nobody_new_has_is_not_said_to_be_displaced() -> None:
    """Ann is moved to make up the group that cat needs; her old seat stays empty."""
    round_ = make_round(
        [student("ann"), student("cat")], [slot("L1"), slot("L2", capacity=2, min_group=2)],
        wishes(ann=["L1", "L2"], cat=["L2"]),
    )  # fmt: skip
    assert run(round_, stood=b"student_id,slot_id\nann,L1\n") == [
        Move("ann", "L1", "L2", "rearranged"),
        Move("cat", None, "L2", "new"),
    ]


def test_a_group_that_has_become_too_small_stays_with_nobody() -> None:
    round_ = make_round(
        [student("ann"), student("ben"), student("cat")],
        [slot("L1", capacity=3, min_group=3), slot("L2", capacity=3)],
        wishes(ann=["L1", "L2"], ben=["L1", "L2"], cat=["L2"]),
    )
    instance = read(round_)
    pairs = find_pairs(instance)
    standing = read_standing(instance, pairs, b"student_id,slot_id\nann,L1\nben,L1\ncat,L2\ndan,L1\n")
    assert keys_of(instance, pairs, still_hold(instance, pairs, standing.holds).nonzero()[0]) == {("cat", "L2")}


def test_companions_stay_together_or_not_at_all() -> None:
    round_ = make_round(
        [student("ann", companion_id="ben"), student("ben"), student("cat", priority=5)],
        [slot("L1", capacity=2)],
        wishes(ann="L1", ben="L1", cat="L1"),
    )
    instance = read(round_)
    pairs = find_pairs(instance)
    standing = read_standing(instance, pairs, b"student_id,slot_id\nann,L1\nben,L1\ncat,L1\n")
    assert keys_of(instance, pairs, still_hold(instance, pairs, standing.holds).nonzero()[0]) == {("cat", "L1")}


def test_what_a_result_wrote_is_read_back() -> None:
    instance = read(small(), Policy())
    outcome = solve(instance, clock=still)
    assert isinstance(outcome, Solved)
    rows = placements_of(instance, outcome.pairs, outcome.chosen)
    data = csv_bytes(ALLOCATION_HEADER, (row.cells() for row in rows))
    standing = read_standing(instance, outcome.pairs, data)
    assert standing.holds.nonzero()[0].tolist() == outcome.chosen.tolist()
    assert standing.lost == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "allocations.csv:1: student_id: is missing"),
        (b"student_id,place\nann,L1\n", "allocations.csv:1: slot_id: is missing"),
        (b"student_id,slot_id\nann,L1\nann,L1\n", "allocations.csv:3: slot_id: ann has L1 already in row 2"),
        (b"student_id,slot_id\nann\n", "allocations.csv:2: has 1 cells"),
        (b"student_id,slot_id\n\xff,L1\n", "can't be read"),
        (b'student_id,slot_id\n"ann,L1\n', "can't be read"),
    ],
)
def test_a_broken_file_is_refused_with_its_row(data: bytes, said: str) -> None:
    instance = read(small())
    with pytest.raises(BadInput) as caught:
        read_standing(instance, find_pairs(instance), data)
    assert said in str(caught.value)
