"""Change runs: from what stands to the best with fewest moves, or with everything kept that holds."""

import csv
import io
from dataclasses import replace

import pytest

from hub_matching.results.chunks import join
from hub_schemas.events.rounds import InputRevised
from hub_schemas.events.run_requests import ChangeMode, RunRequested
from hub_schemas.events.runs import RunSolved
from hub_schemas.ids import InputId, RunId, new_id
from tests.integration.matching.support import Matching
from tests.support.instances import Round, market


def without(round_: Round, student: str) -> Round:
    """The round's input as it is frozen anew after a student's withdrawal."""
    rows = {
        table: [row for row in found if table not in {"students", "preferences"} or row[0] != student]
        for table, found in round_.rows.items()
    }
    return replace(round_, rows=rows, input_id=InputId(new_id()))


def revised(after: Round, before: Round) -> InputRevised:
    closed = after.closed()
    return InputRevised(
        round_id=after.round_id, input_id=after.input_id, parent_input_id=before.input_id, rows=closed.rows,
        chunks=closed.chunks, input_sha256=closed.input_sha256,
    )  # fmt: skip


def changing(after: Round, parent: RunRequested, sha256: str, mode: ChangeMode = "best") -> RunRequested:
    asked = after.requested()
    return asked.model_copy(
        update={"parent_run_id": parent.run_id, "parent_result_sha256": sha256, "mode": mode, "policy": parent.policy}
    )


async def solved(matching: Matching, asked: RunRequested) -> tuple[RunSolved, dict[str, str]]:
    """How a run ended, and where each student goes."""
    ended = (await matching.ended(asked.run_id)).data
    assert isinstance(ended, RunSolved), ended
    rows = await matching.result(asked.run_id, chunks=ended.chunks)
    return ended, {row[0]: row[1] for row in rows["allocations"]}


@pytest.mark.parametrize("shares", [{"solver_processes": 1}, {"solver_processes": 2, "solver_share_pairs": 1}])
async def test_withdrawal_moves_as_few_as_the_best_allocation_needs_or_none_that_holds(
    matching: Matching, shares: dict[str, int]
) -> None:
    before = market(30, 9, seed=4)
    first = before.requested()
    async with matching.running(**shares):
        await matching.send(*before.chunks(), before.closed(), first)
        stood, placed = await solved(matching, first)
        leaver = min(placed)
        after = without(before, leaver)
        afresh = after.requested()
        best = changing(after, first, stood.result_sha256)
        frozen = changing(after, first, stood.result_sha256, "frozen")
        await matching.send(revised(after, before), *after.chunks(), afresh, best, frozen)
        new, _ = await solved(matching, afresh)
        changed, now = await solved(matching, best)
        kept, held = await solved(matching, frozen)
        rows = await matching.result(best.run_id, chunks=changed.chunks)
    assert await matching.one("SELECT parent_input_id FROM frozen_input WHERE input_id = $1", after.input_id) == (
        before.input_id
    )

    values = {level.name: level.value for level in changed.levels}
    assert {level.name: level.value for level in new.levels if level.name not in {"minutes", "lottery"}} == {
        name: value for name, value in values.items() if name not in {"minutes", "lottery", "moves"}
    }
    assert values["moves"] == len(now.items() - placed.items())
    assert (changed.parent_run_id, kept.parent_run_id, new.parent_run_id) == (first.run_id, first.run_id, None)
    assert changed.moves == len(rows["moves"]) - 1
    moves = list(csv.DictReader(io.StringIO(join("moves", rows["moves"]).decode())))
    assert {move["student_id"]: move["to_slot_id"] for move in moves} == {
        student: now.get(student, "")
        for student in placed.keys() | now.keys()
        if placed.get(student) != now.get(student)
    }
    assert {move["reason"] for move in moves if move["student_id"] == leaver} == {"withdrawn"}
    assert {student: held[student] for student in placed if student != leaver} == {
        student: slot for student, slot in placed.items() if student != leaver
    }


async def test_change_of_a_run_that_is_not_here_or_came_to_something_else_fails_by_name(matching: Matching) -> None:
    round_ = market()
    first = round_.requested()
    async with matching.running(solver_processes=1):
        await matching.send(*round_.chunks(), round_.closed(), first)
        stood, _ = await solved(matching, first)
        unknown = changing(round_, first.model_copy(update={"run_id": RunId(new_id())}), stood.result_sha256)
        other = changing(round_, first, "0" * 64)
        await matching.send(unknown, other)
        ends = [(await matching.ended(asked.run_id)).data for asked in (unknown, other)]
    assert [end.code for end in ends] == ["bad_input", "bad_input"]
    assert "there is no result of run" in ends[0].reason
    assert "hashes to" in ends[1].reason


async def test_half_a_change_request_is_a_dead_letter(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested().model_copy(update={"mode": "best"})
    good = round_.requested()
    async with matching.running(solver_processes=1):
        await matching.send(*round_.chunks(), round_.closed(), asked, good)
        assert (await matching.ended(good.run_id)).type == "RunSolved"
    assert "only in part" in await matching.one("SELECT error FROM dead_letter")
    assert await matching.state(asked.run_id) is None
