"""Runs: matching's facts in any order and any number, tampered results, cancelling."""

import random
from typing import Any
from uuid import UUID

import pytest

from hub_registry.results.model import ALLOCATIONS, UNPLACED, table_bytes
from hub_schemas.events.run_results import ResultChunk
from hub_schemas.events.runs import RunAccepted, RunCancelled, RunFailed, RunProgressed, RunWaiting
from hub_schemas.ids import RunId, new_id
from hub_schemas.results import result_sha256
from tests.integration.registry.world import SCHOOL_A, problem_of
from tests.integration.registry_rounds.builder import RoundWorld


async def test_run_is_requested_with_the_rounds_policy_and_seed(rounds: RoundWorld) -> None:
    closed = await rounds.close()
    run_id = await rounds.run({"rank_cost": "linear"})
    [asked] = await rounds.facts("RunRequested")
    assert asked["run_id"] == run_id
    assert asked["input_sha256"] == closed["input"]["sha256"]
    assert (asked["policy"]["rank_cost"], asked["policy"]["lottery_seed"]) == ("linear", closed["lottery"]["seed"])


async def test_run_follows_matching_to_solved(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    held, accepted, waiting, progressed, *rest = await rounds.answer(run_id)
    states = []
    for facts in ([held, accepted], [waiting], [progressed], rest):
        await rounds.deliver(*facts) if isinstance(facts, list) else None
        shown = await rounds.shown(run_id)
        states.append((shown["state"], shown["waiting_for"]))
    assert states == [("waiting", None), ("waiting", "a solver process"), ("solving", None), ("solving", None)]
    await rounds.take()
    shown = await rounds.shown(run_id)
    assert (shown["state"], shown["placements"], shown["unplaced"]) == ("solved", 3, 1)
    assert shown["verdict"].startswith("verified")
    assert await rounds.world.count("result_chunk") == 0


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_and_any_number_of_facts_come_to_the_same(rounds: RoundWorld, seed: int) -> None:
    await rounds.close()
    run_id = await rounds.run()
    facts = await rounds.answer(run_id)
    await rounds.deliver(*facts)
    await rounds.take()
    straight = await _result(rounds, run_id)
    other = await rounds.run()
    facts = await rounds.answer(other)
    mixed = [*facts, *facts]
    random.Random(seed).shuffle(mixed)  # noqa: S311 -- an order, no secret
    for fact in mixed:
        await rounds.deliver(fact)
        await rounds.take()
    assert await _result(rounds, other) == straight
    assert (await rounds.shown(other))["state"] == "solved"


async def test_every_handler_takes_a_redelivery_for_what_it_is(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    records = rounds.records(*await rounds.answer(run_id))
    assert (await rounds.deliver_records(records)).handled == len(records)
    assert (await rounds.deliver_records(records)).duplicate == len(records)
    await rounds.take()
    assert (await rounds.shown(run_id))["state"] == "solved"
    other = await rounds.run()
    failed = rounds.records(
        RunFailed(run_id=_id(other), round_id=_id(rounds.round_id), code="crashed", reason="it did")
    )
    third = await rounds.run()
    cancelled = rounds.records(RunCancelled(run_id=_id(third), round_id=_id(rounds.round_id)))
    for record in (failed, cancelled):
        assert (await rounds.deliver_records(record)).handled == 1
        assert (await rounds.deliver_records(record)).duplicate == 1
    assert [(await rounds.shown(one))["state"] for one in (other, third)] == ["failed", "cancelled"]


async def test_late_facts_never_move_a_run_backwards(rounds: RoundWorld) -> None:
    run_id = await rounds.approved()
    about: dict[str, Any] = {"run_id": _id(run_id), "round_id": _id(rounds.round_id)}
    await rounds.deliver(
        RunAccepted(**about),
        RunWaiting(**about, waiting_for="nothing"),
        RunProgressed(**about, step="solve", seconds=9.0),
        RunFailed(**about, code="crashed", reason="late"),
        RunCancelled(**about),
    )
    shown = await rounds.shown(run_id)
    assert (shown["state"], shown["waiting_for"], shown["progress"], shown["failure"]) == ("approved", None, None, None)


async def test_result_that_misses_a_chunk_waits(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    facts = await rounds.answer(run_id)
    chunk = next(fact for fact in facts if isinstance(fact, ResultChunk))
    await rounds.deliver(*(fact for fact in facts if fact is not chunk))
    await rounds.take()
    assert (await rounds.shown(run_id))["state"] == "solving"
    await rounds.deliver(chunk)
    await rounds.take()
    assert (await rounds.shown(run_id))["state"] == "solved"


async def test_tampered_chunk_fails_the_run_and_leaves_no_rows(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    facts = await rounds.answer(run_id)
    at = next(at for at, fact in enumerate(facts) if isinstance(fact, ResultChunk) and fact.part == "allocations")
    chunk = facts[at]
    assert isinstance(chunk, ResultChunk)
    first, *others = chunk.rows
    facts[at] = chunk.model_copy(update={"rows": ((*first[:3], "1", first[4]), *others)})
    await rounds.deliver(*facts)
    await rounds.take()
    shown = await rounds.shown(run_id)
    assert (shown["state"], shown["failure"]["code"]) == ("failed", "result_hash_differs")
    assert await rounds.world.count("placement") == await rounds.world.count("run_result") == 0
    problem_of(await rounds.hub.post(f"/runs/{run_id}/approvals"), 409)


async def test_chunk_that_is_not_rows_of_its_part_fails_the_run(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    facts = await rounds.answer(run_id)
    at = next(at for at, fact in enumerate(facts) if isinstance(fact, ResultChunk) and fact.part == "explanations")
    chunk = facts[at]
    assert isinstance(chunk, ResultChunk)
    facts[at] = chunk.model_copy(update={"rows": (("no JSON",),)})
    facts[-1] = facts[-1].model_copy(update={"part_sha256": {}})  # else the hash alone would give it away
    await rounds.deliver(*facts)
    await rounds.take()
    assert (await rounds.shown(run_id))["failure"]["code"] == "result_unreadable"
    assert await rounds.world.count("placement") == 0


async def test_rows_that_the_database_refuses_fail_the_run_and_hold_up_no_other(rounds: RoundWorld) -> None:
    await rounds.close()
    first, second = await rounds.run(), await rounds.run()
    facts = await rounds.answer(first)
    rows: dict[str, list[tuple[str, ...]]] = {"allocations": [], "unplaced": []}
    for at, fact in enumerate(facts):
        if isinstance(fact, ResultChunk) and fact.part in rows:
            wrong = [(*row[:2], "0", *row[3:]) if fact.part == "allocations" else row for row in fact.rows]
            facts[at] = fact.model_copy(update={"rows": tuple(wrong)})
            rows[fact.part] += wrong
    sha256 = result_sha256(table_bytes(ALLOCATIONS, rows["allocations"]), table_bytes(UNPLACED, rows["unplaced"]))
    facts[-1] = facts[-1].model_copy(update={"result_sha256": sha256, "part_sha256": {}})
    await rounds.deliver(*facts, *await rounds.answer(second))
    await rounds.take()
    refused = await rounds.shown(first)
    assert (refused["state"], refused["failure"]["code"]) == ("failed", "result_unreadable")
    assert (await rounds.shown(second))["state"] == "solved"


async def test_fact_about_an_unknown_run_is_a_dead_letter_and_its_neighbours_pass(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    about: dict[str, Any] = {"run_id": _id(run_id), "round_id": _id(rounds.round_id)}
    stranger = RunAccepted(run_id=RunId(new_id()), round_id=about["round_id"])
    outcome = await rounds.deliver(stranger, RunAccepted(**about))
    assert (outcome.handled, outcome.permanent) == (1, 1)
    assert (await rounds.shown(run_id))["state"] == "waiting"


async def test_fact_of_another_hub_changes_nothing(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    fact = RunAccepted(run_id=_id(run_id), round_id=_id(rounds.round_id))
    assert (await rounds.deliver_records(rounds.records(fact, hub_id=new_id()))).permanent == 1
    assert (await rounds.shown(run_id))["state"] == "requested"


async def test_run_is_cancelled_when_matching_says_so(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    asked = await rounds.ok(rounds.hub.post(f"/runs/{run_id}/cancel"), 202)
    assert asked["state"] == "requested"
    assert (await rounds.facts("RunCancelRequested"))[0]["run_id"] == run_id
    await rounds.deliver(RunCancelled(run_id=_id(run_id), round_id=_id(rounds.round_id)))
    assert (await rounds.shown(run_id))["state"] == "cancelled"
    problem_of(await rounds.hub.post(f"/runs/{run_id}/cancel"), 409)


async def test_failure_is_told_with_its_errors(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    failed = RunFailed(
        run_id=_id(run_id), round_id=_id(rounds.round_id), code="bad_input", reason="1 error", errors=("slots.csv:2",)
    )
    await rounds.deliver(failed)
    shown = await rounds.shown(run_id)
    assert shown["failure"] == {"code": "bad_input", "reason": "1 error", "errors": ["slots.csv:2"]}


async def test_runs_are_the_hubs_alone(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    employer = await rounds.world.staff("employer", employer_id=rounds.employer_id)
    for caller in (adviser, employer):
        for path in ("", "/placements", "/unplaced", "/explanations", "/summary"):
            problem_of(await caller.get(f"/runs/{run_id}{path}"), 404)
        for path in ("/approvals", "/publication", "/cancel"):
            problem_of(await caller.post(f"/runs/{run_id}{path}"), 404)
        problem_of(await caller.post(f"/rounds/{rounds.round_id}/runs", json={}), 403)


async def test_solved_twice_under_one_policy_comes_to_the_same_hash(rounds: RoundWorld) -> None:
    first = await rounds.solved()
    second = await rounds.solved(await rounds.run())
    hashes = {(await rounds.shown(run_id))["result_sha256"] for run_id in (first, second)}
    assert len(hashes) == 1


async def _result(rounds: RoundWorld, run_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a run's result, without its id."""
    queries = {
        "placement": "SELECT student_id, slot_id, rank, minutes, mode_used FROM placement "
        "WHERE run_id = $1::text::uuid ORDER BY student_id",
        "unplaced": "SELECT student_id, reason FROM unplaced WHERE run_id = $1::text::uuid ORDER BY student_id",
        "explanation": "SELECT place, student_id, body FROM explanation WHERE run_id = $1::text::uuid ORDER BY place",
    }
    found = {name: [tuple(row) for row in await rounds.fetch(query, run_id)] for name, query in queries.items()}
    assert found["placement"]
    return found


def _id(text: str) -> Any:
    return UUID(text)
