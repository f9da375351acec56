"""Each rule beyond a single pair, broken alone: exactly one reason, in these words."""

from typing import Any

import numpy as np
import pytest

from hub_allocation.eligibility import find_pairs
from hub_allocation.policy import Policy
from hub_allocation.verify import limit_faults
from tests.support.oracle.problem import Key, read_problem
from tests.support.oracle.rules import faults
from tests.unit.allocation.agreement import flags
from tests.unit.allocation.rounds import Round, make_round, read, slot, student, wishes

JUNE, JULY = "2027-06-07/2027-06-11", "2027-07-05"
Cells = dict[str, Any]


def round_of(students: list[Cells], slots: list[Cells], **tables: Any) -> Round:
    """ann, bob and cat, who rank L0, L1, L2; the slots have three seats each."""
    names = ("ann", "bob", "cat")
    people = [student(name, **cells) for name, cells in zip(names, [*students, {}, {}, {}], strict=False)]
    offered = [slot(f"L{at}", **{"capacity": 3, **cells}) for at, cells in enumerate(slots)]
    ranked = [row["slot_id"] for row in offered]
    return make_round(people, offered, wishes(ann=ranked, bob=ranked, cat=ranked), **tables)


def reasons(round_: Round, policy: Policy, placed: list[Key], fixed: list[Key]) -> list[str]:
    instance = read(round_, policy)
    pairs = find_pairs(instance)
    chosen = np.flatnonzero(flags(instance, pairs, placed))
    assert len(chosen) == len(placed)
    return limit_faults(instance, pairs, chosen, fixed=flags(instance, pairs, fixed))


@pytest.mark.parametrize(
    ("round_", "policy", "placed", "reason"),
    [
        (round_of([], [{"capacity": 1}]), {}, "ann L0, bob L0", "L0 has 2 students and 1 seats"),
        (round_of([], [{"dates": JUNE}, {"dates": JULY}]), {}, "ann L0, ann L1", "ann has more than one placement"),
        (round_of([], [{"dates": day} for day in (JUNE, JULY, "2027-08-02")]), {"places_per_student": 2},
         "ann L0, ann L1, ann L2", "ann has more than 2 placements"),
        (round_of([{"priority": 9}], [{"reserved": 1}]), {"reserved_priority": 10}, "ann L0, bob L0, cat L0",
         "L0 gives 3 students seats that are reserved"),
        (round_of([{"school_id": "S2"}], [{"max_per_school": 1}]), {}, "ann L0, bob L0, cat L0",
         "L0 has 2 students of school S1, limit 1"),
        (round_of([{"school_id": "S2"}], [{"single_school": "true"}]), {}, "ann L0, bob L0",
         "L0 takes students of one school, and has 2 schools"),
        (round_of([], [{"min_group": 3}]), {}, "ann L0, bob L0", "L0 runs with 3 or not at all, and has 2"),
        (round_of([{"companion_id": "bob"}], [{}, {}]), {}, "ann L0", "ann is in L0 without companion bob"),
        (round_of([], [{"dates": JUNE}, {"dates": "2027-06-11"}]), {"places_per_student": 2}, "ann L0, ann L1",
         "ann is in two places on one day"),
        (round_of([], [{}, {}], employers=[{"employer_id": "E1", "max_at_once": "1"}]), {}, "ann L0, bob L1",
         "employer E1 has more than 1 students out on one day"),
        (round_of([], [{}, {"employer_id": "E2"}],
                  schools=[{"school_id": "S1", "postcode": "", "max_out_at_once": "1"}]), {}, "ann L0, bob L1",
         "school S1 has more than 1 students out on one day"),
        (round_of([], [{"sector": "arts"}, {"sector": "arts", "dates": JULY}]),
         {"places_per_student": 2, "variety": "require"}, "ann L0, ann L1", "ann has the sector arts twice"),
        (round_of([{"pinned_slot_id": "L0"}], [{}]), {}, "bob L0", "the pin of ann is not kept"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and "," not in value else "",
)  # fmt: skip
def test_rule_broken_alone_is_the_one_reason(round_: Round, policy: Cells, placed: str, reason: str) -> None:
    keys = [(who, what) for who, _, what in (pair.partition(" ") for pair in placed.split(", "))]
    ruled = Policy(**policy)
    assert reasons(round_, ruled, keys, []) == [f"allocations.csv: {reason}"]
    assert faults(read_problem(round_, ruled.as_dict()), keys)


def test_placement_that_was_to_stay_is_missed() -> None:
    round_ = round_of([], [{}])
    found = reasons(round_, Policy(), [("bob", "L0")], [("ann", "L0"), ("bob", "L0")])
    assert found == ["allocations.csv: the placement of ann was to stay"]


@pytest.mark.parametrize(
    ("round_", "policy", "placed"),
    [
        (round_of([], [{"capacity": 2}]), {}, "ann L0, bob L0"),
        (round_of([{"priority": 10}], [{"reserved": 1}]), {"reserved_priority": 10}, "ann L0, bob L0, cat L0"),
        (round_of([], [{"min_group": 3}]), {}, "ann L0, bob L0, cat L0"),
        (round_of([], [{"dates": JUNE}, {"dates": JULY}]), {"places_per_student": 2}, "ann L0, ann L1"),
        (round_of([], [{"dates": JUNE}, {"dates": JULY}], employers=[{"employer_id": "E1", "max_at_once": "1"}]), {},
         "ann L0, bob L1"),
        (round_of([], [{"sector": ""}, {"sector": "", "dates": JULY}]),
         {"places_per_student": 2, "variety": "require"}, "ann L0, ann L1"),
        (round_of([{"companion_id": "bob"}], [{}]), {}, "ann L0, bob L0"),
    ],
)  # fmt: skip
def test_what_just_keeps_a_rule_is_no_fault(round_: Round, policy: Cells, placed: str) -> None:
    keys = [(who, what) for who, _, what in (pair.partition(" ") for pair in placed.split(", "))]
    ruled = Policy(**policy)
    assert reasons(round_, ruled, keys, []) == []
    assert not faults(read_problem(round_, ruled.as_dict()), keys)
