"""A run from request to its end, through real Kafka and PostgreSQL and a real solver process."""

import hashlib
import json
from collections import Counter

import pytest

from hub_allocation.policy import Policy as Rules
from hub_allocation.reading.tables import read_instance
from hub_allocation.verify import verify
from hub_matching.results import service as results
from hub_matching.results.chunks import join
from hub_schemas import topics
from hub_schemas.events.run_results import MAX_ROWS
from hub_schemas.events.runs import RunSolved
from hub_schemas.policy import Policy
from hub_schemas.results import FILES, result_sha256
from tests.integration.matching.support import HUB, Matching, enveloped, until
from tests.support.instances import Round, market, row


async def test_run_is_solved_verified_and_told_in_pieces_that_make_the_very_files(matching: Matching) -> None:
    round_ = market(900, 300)
    asked = round_.requested()
    async with matching.running():
        await matching.send(*round_.chunks(), round_.closed(), asked)
        ended = await matching.ended(asked.run_id)
        solved = ended.data
        assert isinstance(solved, RunSolved), solved
        rows = await matching.result(asked.run_id, chunks=solved.chunks)
    chunks = await matching.staged("ResultChunk")

    files = {FILES[part]: join(part, rows.get(part, ())) for part in solved.part_sha256}
    assert {part: hashlib.sha256(files[FILES[part]]).hexdigest() for part in rows} == solved.part_sha256
    verdict = verify(read_instance(round_.files, Rules.from_mapping(asked.policy.model_dump())), files)
    assert verdict.accepted, verdict.reasons
    assert result_sha256(files["allocations.csv"], files["unplaced.csv"]) == solved.result_sha256
    assert solved.input_sha256 == asked.input_sha256 == round_.sha256
    assert (solved.placements, solved.unplaced) == (len(rows["allocations"]), len(rows["unplaced"]))
    assert [level.name for level in solved.levels] == list(verdict.levels)
    assert [level.value for level in solved.levels] == list(verdict.levels.values())
    assert json.loads(files["run.json"])["status"] == solved.status == "optimal"
    assert len(rows["explanations"]) >= 900
    assert [chunk["index"] for chunk in chunks] == list(range(solved.chunks))
    assert max(len(chunk["rows"]) for chunk in chunks) <= MAX_ROWS


async def test_facts_of_a_run_come_in_order_and_name_the_request_as_their_cause(matching: Matching) -> None:
    round_ = market()
    request = enveloped(round_.requested())
    run_id = request.data.run_id
    async with matching.running():
        await matching.send_envelopes(request)
        await until(lambda: matching.one("SELECT true FROM run WHERE state = 'waiting'"))
        await matching.send(round_.closed(), *round_.chunks())
        await matching.ended(run_id)
        told = await matching.received(topics.RUNS, until=lambda found: any(one.type == "RunSolved" for one in found))
    of_run = [each for each in told if each.subject == str(run_id)]
    kinds = [each.type for each in of_run]
    assert kinds[0] == "RunAccepted"
    assert kinds[1] == "RunWaiting"
    assert kinds[-1] == "RunSolved"
    assert set(kinds[2:-1]) <= {"RunWaiting", "RunProgressed"}
    assert "RunProgressed" in kinds
    assert {each.correlation_id for each in of_run} == {request.correlation_id}
    assert of_run[-1].causation_id == request.id


async def test_same_run_twice_gives_the_same_result(matching: Matching) -> None:
    round_ = market(200, 60)
    first, second = round_.requested(), round_.requested()
    other_seed = round_.requested(policy=Policy(lottery_seed="another"))
    async with matching.running(solver_processes=2):
        await matching.send(*round_.chunks(), round_.closed(), first, second, other_seed)
        ends = [(await matching.ended(each.run_id)).data for each in (first, second, other_seed)]
    assert all(isinstance(end, RunSolved) for end in ends)
    assert ends[0].result_sha256 == ends[1].result_sha256
    assert ends[0].levels == ends[1].levels
    assert ends[2].levels[:5] == ends[0].levels[:5]
    assert ends[2].levels[5] != ends[0].levels[5]


async def test_whole_topics_delivered_twice_change_nothing(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    messages = [enveloped(fact) for fact in (*round_.chunks(5), round_.closed(size=5), asked)]
    async with matching.running():
        await matching.send_envelopes(*messages)
        await matching.ended(asked.run_id)
        before = await matching.staged_types()
        # The same messages, then the same facts in new envelopes, as a careless writer would send them.
        again = [enveloped(fact) for fact in (*round_.chunks(5), round_.closed(size=5), asked)]
        await matching.send_envelopes(*messages, *again)
        await until(lambda: matching.one("SELECT count(*) = $1 FROM inbox", len(messages) + len(again)))
        assert await matching.staged_types() == before
        assert await matching.state(asked.run_id) == "solved"
        assert await matching.one("SELECT count(*) FROM dead_letter") == 0


@pytest.mark.parametrize(
    ("table", "broken", "code", "line"),
    [
        ("preferences", row("preferences", student_id="s0001", rank=9, slot_id="p0001"), "bad_input", "rank"),
        ("slots", row("slots", slot_id="p9999", employer_id="e0001", mode="in_person", postcode="L1 1AA",
                      dates="2027-06-31", capacity=1), "bad_input", "slots.csv"),
    ],
    ids=["rank gap", "impossible date"],
)  # fmt: skip
async def test_input_that_cannot_be_solved_fails_the_run_with_lines_and_not_the_service(
    matching: Matching, table: str, broken: tuple[str, ...], code: str, line: str
) -> None:
    good = market()
    bad = Round(good.rows).with_rows(table, [*good.rows[table], broken])
    good_run, bad_run = good.requested(), bad.requested()
    async with matching.running():
        await matching.send(*bad.chunks(), bad.closed(), bad_run, *good.chunks(), good.closed(), good_run)
        failed = (await matching.ended(bad_run.run_id)).data
        assert (await matching.ended(good_run.run_id)).type == "RunSolved"
    assert failed.code == code
    assert any(line in each for each in failed.errors)
    assert await matching.one("SELECT count(*) FROM job") == 0


async def test_more_errors_than_a_message_should_hold_are_counted(matching: Matching) -> None:
    round_ = market(500)
    bad = round_.with_rows("preferences", [(student, "7", slot) for student, _, slot in round_.rows["preferences"]])
    asked = bad.requested()
    async with matching.running():
        await matching.send(*bad.chunks(), bad.closed(), asked)
        failed = (await matching.ended(asked.run_id)).data
    assert failed.code == "bad_input"
    assert len(failed.errors) == 200
    assert failed.errors[-1].startswith("and ")


async def test_stored_result_can_be_sent_again(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.running():
        await matching.send(*round_.chunks(), round_.closed(), asked)
        await matching.ended(asked.run_id)
    before = await matching.staged("ResultChunk")
    async with matching.open() as db, db.transaction(hub_id=HUB) as tx:
        assert await results.send_again(tx, asked.run_id) == len(before)
    assert await matching.staged("ResultChunk") == before * 2


async def test_metrics_and_health_tell_what_happened(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.running() as client:
        await matching.send(*round_.chunks(), round_.closed(), asked)
        await matching.ended(asked.run_id)
        metrics = (await client.get("/metrics")).text
        assert (await client.get("/health/ready")).status_code == 200
    names = Counter(line.split("{")[0].split(" ")[0] for line in metrics.splitlines())
    for name in ("runs_total", "run_seconds_bucket", "run_turnaround_seconds_count", "run_gap_ratio", "queue_depth",
                 "runs_waiting_oldest_seconds", "inputs_waiting", "inputs_checked_total", "child_crashes_total",
                 "solvers"):  # fmt: skip
        assert names[f"hub_matching_{name}"]
    assert 'hub_matching_runs_total{outcome="solved"}' in metrics
