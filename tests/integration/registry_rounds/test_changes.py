"""Something changes after closing: the input is frozen anew, a change run keeps what it can, who moves is told."""

from typing import Any

import pytest

from hub_schemas import tables
from hub_schemas.events.run_results import ResultChunk
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, problem_of
from tests.integration.registry_rounds.builder import RoundWorld

LEAVES = "UPDATE student SET left_at = now() WHERE mis_id = '1001'"


async def revise(rounds: RoundWorld) -> dict[str, Any]:
    return await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/inputs"), 201)


async def changed(rounds: RoundWorld, parent: str, mode: str = "best") -> str:
    """A solved change run."""
    return await rounds.solved(await rounds.run(parent_run_id=parent, mode=mode))


async def moves(client: Any, path: str) -> list[tuple[str, str | None, str | None, str]]:
    items = (await RoundWorld.ok(client.get(path)))["items"]
    return [(one["mis_id"], one["from_slot_ref"], one["to_slot_ref"], one["reason"]) for one in items]


async def test_input_frozen_anew_follows_the_first_and_keeps_who_is_who(rounds: RoundWorld) -> None:
    closed = await rounds.close()
    before = await rounds.files()
    names = dict(await rounds.fetch("SELECT student_id, participant_id FROM participant"))
    await rounds.execute(LEAVES)
    revised = await revise(rounds)
    after = await rounds.files()
    assert revised["input"]["parent_input_id"] == closed["input"]["input_id"]
    [told] = await rounds.facts("InputRevised")
    assert (told["input_id"], told["parent_input_id"]) == (revised["input"]["input_id"], closed["input"]["input_id"])
    assert (told["input_sha256"], told["rows"]["students"]) == (revised["input"]["sha256"], 3)
    chunks = [chunk for chunk in await rounds.facts("InputChunk") if chunk["input_id"] == told["input_id"]]
    assert len(chunks) == told["chunks"]
    gone = tables.canonical_rows("students", before["students.csv"])
    left = tables.canonical_rows("students", after["students.csv"])
    assert {row[0] for row in left} < {row[0] for row in gone}
    assert dict(await rounds.fetch("SELECT student_id, participant_id FROM participant")) == names
    assert await rounds.world.count("frozen_input") == 2


async def test_nothing_is_frozen_anew_when_nothing_has_changed_or_the_round_is_not_closed(rounds: RoundWorld) -> None:
    problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}/inputs"), 409)
    await rounds.close()
    problem = problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}/inputs"), 409)
    assert "nothing has changed" in problem["detail"]
    assert await rounds.world.count("frozen_input") == 1
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    problem_of(await adviser.post(f"/rounds/{rounds.round_id}/inputs"), 403)


async def test_pin_after_closing_enters_the_next_input(rounds: RoundWorld) -> None:
    await rounds.close()
    student = (await rounds.hub.get("/students", params={"mis_id": "1003"})).json()["items"][0]["student_id"]
    slot = (await rounds.hub.get("/slots", params={"slot_ref": "S-WEB"})).json()["items"][0]["slot_id"]
    before = await rounds.files()
    await rounds.ok(rounds.hub.put(f"/rounds/{rounds.round_id}/pins/{student}", json={"slot_id": slot}))
    assert await rounds.files() == before
    await revise(rounds)
    pinned = [row[14] for row in tables.canonical_rows("students", (await rounds.files())["students.csv"])]
    assert sorted(pinned) == ["", "", "", slot]


async def test_change_run_after_a_withdrawal_is_published_and_who_moves_is_seen_by_those_allowed(
    rounds: RoundWorld,
) -> None:
    first = await rounds.published()
    await rounds.execute(LEAVES)
    await revise(rounds)
    second = await changed(rounds, first)
    [asked] = [fact for fact in await rounds.facts("RunRequested") if fact["run_id"] == second]
    stood = await rounds.shown(first)
    assert (asked["parent_run_id"], asked["parent_result_sha256"], asked["mode"]) == (
        first, stood["result_sha256"], "best",
    )  # fmt: skip
    shown = await rounds.shown(second)
    assert (shown["parent_run_id"], shown["mode"], shown["moves"]) == (first, "best", 1)
    assert "moves" in [level["name"] for level in shown["levels"]]
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    other = await rounds.world.staff("adviser", school_id=SCHOOL_B)
    expected = [("1001", "S-GAMES", None, "withdrawn")]
    assert await moves(rounds.hub, f"/runs/{second}/moves") == expected
    problem_of(await adviser.get(f"/runs/{second}/moves"), 404)
    assert await moves(adviser, f"/rounds/{rounds.round_id}/moves") == []

    for person in (rounds.hub, rounds.second):
        await rounds.ok(person.post(f"/runs/{second}/approvals"))
    await rounds.ok(rounds.hub.post(f"/runs/{second}/publication"))
    assert (await rounds.shown(first))["state"] == "superseded"
    assert await moves(adviser, f"/rounds/{rounds.round_id}/moves") == expected
    assert await moves(other, f"/rounds/{rounds.round_id}/moves") == []


@pytest.mark.parametrize("mode", ["best", "frozen"])
async def test_lost_slot_moves_its_students_alone(rounds: RoundWorld, mode: str) -> None:
    first = await rounds.solved()
    assert await moves(rounds.hub, f"/runs/{first}/moves") == []
    await rounds.execute("UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'closed' WHERE slot_ref = 'S-GAMES'")
    await revise(rounds)
    second = await changed(rounds, first, mode)
    found = await moves(rounds.hub, f"/runs/{second}/moves")
    assert {(before, reason) for _, before, _, reason in found} == {("S-GAMES", "lost_slot")}
    assert {who for who, *_ in found} == {"1001", "1002"}
    assert [now for *_, now, _ in found].count("S-WEB") == 1


async def test_tampered_change_run_is_not_published(rounds: RoundWorld) -> None:
    first = await rounds.published()
    await rounds.execute(LEAVES)
    await revise(rounds)
    second = await rounds.approved(await rounds.run(parent_run_id=first))
    await rounds.execute(
        "UPDATE run_result SET content = 'student_id,slot_id,rank,minutes,mode_used' || chr(10)::bytea"
        " WHERE run_id = $1::text::uuid AND name = 'allocations.csv'", first,
    )  # fmt: skip
    problem = problem_of(await rounds.hub.post(f"/runs/{second}/publication"), 409)
    assert any("moves" in reason for reason in problem["reasons"])


async def test_change_run_needs_a_run_of_the_round_with_a_result(rounds: RoundWorld) -> None:
    await rounds.close()
    unsolved = await rounds.run()
    url = f"/rounds/{rounds.round_id}/runs"
    problem_of(await rounds.hub.post(url, json={"parent_run_id": unsolved}), 409)
    problem_of(await rounds.hub.post(url, json={"parent_run_id": rounds.round_id}), 422)
    problem_of(await rounds.hub.post(url, json={"mode": "frozen"}), 422)
    problem_of(await rounds.hub.post(url, json={"parent_run_id": unsolved, "mode": "all"}), 422)


async def test_part_that_does_not_hash_right_fails_the_run(rounds: RoundWorld) -> None:
    first = await rounds.solved()
    await rounds.execute(LEAVES)
    await revise(rounds)
    run_id = await rounds.run(parent_run_id=first)
    facts = await rounds.answer(run_id)
    for at, fact in enumerate(facts):
        if isinstance(fact, ResultChunk) and fact.part == "moves":
            facts[at] = fact.model_copy(update={"rows": fact.rows[:1]})
    await rounds.deliver(*facts)
    await rounds.take()
    failure = (await rounds.shown(run_id))["failure"]
    assert failure["code"] == "result_hash_differs"
    assert "moves.csv" in failure["reason"]


async def test_part_that_is_not_known_here_is_passed_over(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    *facts, solved = await rounds.answer(run_id)
    chunks = [fact for fact in facts if isinstance(fact, ResultChunk)]
    more = chunks[-1].model_copy(update={"part": "of_a_later_release", "index": len(chunks), "rows": (("?",),)})
    told = solved.model_copy(update={"chunks": len(chunks) + 1})
    await rounds.deliver(*facts, more, told)
    await rounds.take()
    assert (await rounds.shown(run_id))["state"] == "solved"


@pytest.mark.parametrize(("reason", "points"), [("choices_full", 250), ("no_preferences", 0)])
async def test_credit_of_earlier_rounds_raises_priority_by_the_policys_formula(
    rounds: RoundWorld, reason: str, points: int
) -> None:
    await rounds.published()
    await rounds.execute("UPDATE placement SET rank = 3 FROM student s WHERE s.mis_id = '1001' AND s.student_id ="
                         " placement.student_id")  # fmt: skip
    await rounds.execute("UPDATE unplaced SET reason = $1", reason)
    without = await _priorities_of_new_round(rounds, {})
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/cancel", json={"reason": "try_again"}))
    credit = {"credit_unplaced": 300, "credit_per_rank": 10, "credit_most": 250}
    raised = await _priorities_of_new_round(rounds, credit)
    assert {who: raised[who] - without[who] for who in raised} == {"1001": 20, "1002": 0, "1003": points, "2001": 0}


async def _priorities_of_new_round(rounds: RoundWorld, policy: dict[str, Any]) -> dict[str, int]:
    """Close another round and read each student's priority from its frozen input."""
    rounds.round_id = await rounds.new_round(name="Autumn", policy=policy)
    await rounds.open()
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    query = """
        SELECT participant_id, mis_id FROM participant JOIN student USING (student_id) WHERE round_id = $1::text::uuid
    """
    who = dict(await rounds.fetch(query, rounds.round_id))
    students = tables.canonical_rows("students", (await rounds.files())["students.csv"])
    return {who[row[0]]: int(row[9]) for row in students}
