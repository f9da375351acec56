"""Endings of a run besides the proven optimum: the best answer when the time is up, and no allocation at all."""

from itertools import pairwise

from hub_schemas import tables
from hub_schemas.events.runs import RunFailed, RunSolved
from hub_schemas.policy import Policy
from tests.integration.matching.support import Matching
from tests.support.instances import Round, market, row

_SLOT = tables.SLOTS.header
_STUDENT = tables.STUDENTS.header


def with_groups(round_: Round, share: int, group: int) -> Round:
    """The round with a minimum group at every ``share``-th slot."""
    at = len(round_.rows["slots"][0])
    assert at
    slots = []
    for place, cells in enumerate(round_.rows["slots"]):
        named = dict(zip(_SLOT, cells, strict=True))
        slots.append(row("slots", **{**named, "min_group": group if place % share == 0 else ""}))
    return round_.with_rows("slots", slots)


async def test_run_whose_time_is_up_comes_with_its_best_answer_and_bounds(matching: Matching) -> None:
    round_ = market(900, 180, capacity=10, wishes=8, seed=3)
    asked = round_.requested(policy=Policy(lottery_seed="seed", time_limit_seconds=1, places_per_student=3))
    async with matching.running(solver_processes=1):
        await matching.send(*round_.chunks(), round_.closed(), asked)
        ended = (await matching.ended(asked.run_id)).data
    assert isinstance(ended, RunSolved), ended
    assert (ended.status, ended.gap > 0) == ("bounded", True)
    assert ended.placements > 0.8 * 900
    assert [level.name for level in ended.levels] == [
        "students", "placements", "priority", "rank_cost", "minutes", "lottery",
    ]  # fmt: skip
    assert ended.levels[0].bound >= ended.levels[0].value
    told = await matching.staged("RunProgressed")
    assert told[0]["step"] == "read"
    assert all(before["seconds"] <= after["seconds"] for before, after in pairwise(told))


async def test_pin_that_no_allocation_can_hold_fails_the_run_with_the_rules_in_its_way(matching: Matching) -> None:
    plain = market(12, 5)
    round_ = with_groups(plain, 1, 2)
    [first, *others] = round_.rows["students"]
    named = dict(zip(_STUDENT, first, strict=True))
    lonely = row(
        "slots", slot_id="p9999", employer_id="e0001", title="Alone", sector="Science", kind="placement",
        mode="in_person", postcode="L1 1AA", dates="2027-06-07/2027-06-11", capacity=3, min_group=3,
    )  # fmt: skip
    round_ = round_.with_rows("slots", [*round_.rows["slots"], lonely])
    round_ = round_.with_rows("students", [row("students", **{**named, "pinned_slot_id": "p9999"}), *others])
    asked = round_.requested()
    async with matching.running(solver_processes=1):
        await matching.send(*round_.chunks(), round_.closed(), asked)
        ended = (await matching.ended(asked.run_id)).data
    assert isinstance(ended, RunFailed), ended
    assert ended.code == "infeasible"
    assert len(ended.errors) == 1
    assert "p9999" in ended.errors[0]
