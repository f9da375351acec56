"""The queue: one holder at a time by the database's clock, and a fence that keeps the late out."""

import asyncio

import pytest

from hub_chassis.database import Database
from hub_matching.errors import LeaseLost
from hub_matching.inputs.checking import check_next
from hub_matching.results import service as results
from hub_matching.results.chunks import cut
from hub_matching.results.model import Result, Summary
from hub_matching.runs import queue
from hub_matching.runs.model import Failure, FailureCode, Lease
from hub_matching.runs.service import fail
from hub_schemas.events.run_requests import RunRequested
from tests.integration.matching.support import HUB, Matching
from tests.support.instances import market

LAPSE = "UPDATE job SET lease_until = now() - interval '1 second'"


async def queued(matching: Matching, db: Database, runs: int = 1) -> list[RunRequested]:
    round_ = market()
    asked = [round_.requested() for _ in range(runs)]
    await matching.handle(db, *round_.chunks(), round_.closed(), *asked)
    await check_next(db)
    return asked


async def claim(db: Database, worker: str, *, lease_s: float = 60) -> Lease | None:
    async with db.transaction() as tx:
        return await queue.claim(tx.conn, worker=worker, lease_s=lease_s)


def some_result(asked: RunRequested) -> Result:
    return Result(
        summary=Summary(
            status="optimal", input_sha256=asked.input_sha256, levels=(), gap=0, placements=1, unplaced=0,
            verdict="accepted", seconds={"total": 0.1}, peak_rss_mb=1, solver_version="0",
        ),
        parts={
            "allocations": b"student_id,slot_id,rank,minutes,mode_used\ns0001,p0001,1,10,walk\n",
            "unplaced": b"student_id,reason\n",
        },
    )  # fmt: skip


async def write(db: Database, lease: Lease, result: Result) -> None:
    async with db.transaction(hub_id=HUB) as tx:
        await results.solved(tx, lease, result, cut(result.parts))


async def write_failure(db: Database, lease: Lease) -> None:
    async with db.transaction(hub_id=HUB) as tx:
        await queue.hold(tx.conn, lease)
        await fail(tx, lease.run, Failure(FailureCode.CRASHED, "late"))


async def test_two_workers_get_two_jobs_and_a_third_gets_none(matching: Matching) -> None:
    async with matching.open() as db:
        asked = await queued(matching, db, runs=2)
        leases = await asyncio.gather(*(claim(db, f"worker {number}") for number in range(3)))
    held = [lease for lease in leases if lease is not None]
    assert {lease.run.run_id for lease in held} == {each.run_id for each in asked}
    assert len(held) == 2


async def test_lease_ends_by_the_databases_clock_and_a_heartbeat_puts_it_off(matching: Matching) -> None:
    async with matching.open() as db:
        await queued(matching, db)
        first = await claim(db, "first")
        assert first is not None
        assert await claim(db, "second") is None
        await matching.ask(LAPSE)
        async with db.transaction() as tx:
            await queue.heartbeat(tx.conn, first, lease_s=60)
        assert await claim(db, "second") is None
        await matching.ask(LAPSE)
        second = await claim(db, "second")

        assert second is not None
        assert (second.fence, second.attempt, second.taken_over) == (first.fence + 1, 2, True)
        with pytest.raises(LeaseLost):
            async with db.transaction() as tx:
                await queue.heartbeat(tx.conn, first, lease_s=60)


async def test_writer_whose_fence_was_passed_writes_nothing(matching: Matching) -> None:
    async with matching.open() as db:
        [asked] = await queued(matching, db)
        stale = await claim(db, "stale")
        await matching.ask(LAPSE)
        fresh = await claim(db, "fresh")
        assert stale is not None
        assert fresh is not None

        with pytest.raises(LeaseLost):
            await write(db, stale, some_result(asked))
        with pytest.raises(LeaseLost):
            await write_failure(db, stale)
        assert await matching.staged("RunSolved", "RunFailed", "ResultChunk") == []
        assert await matching.one("SELECT count(*) FROM run_result") == 0
        assert await matching.state(asked.run_id) == "queued"

        await write(db, fresh, some_result(asked))
        with pytest.raises(LeaseLost):
            await write(db, fresh, some_result(asked))
    assert await matching.state(asked.run_id) == "solved"
    assert await matching.staged_types() == {
        "InputHeld": 1, "RunAccepted": 1, "RunWaiting": 1, "RunSolved": 1, "ResultChunk": 1,
    }  # fmt: skip


async def test_job_given_back_is_free_at_once_and_does_not_count_as_an_attempt(matching: Matching) -> None:
    async with matching.open() as db:
        await queued(matching, db)
        first = await claim(db, "first")
        assert first is not None
        async with db.transaction() as tx:
            await queue.hold(tx.conn, first)
            await queue.release(tx.conn, first, after_s=0, fault=None, counts=False)
        second = await claim(db, "second")
    assert second is not None
    assert (second.attempt, second.taken_over) == (1, False)
    assert second.fence > first.fence


async def test_job_that_waits_after_a_crash_is_not_claimed_before_its_time(matching: Matching) -> None:
    async with matching.open() as db:
        await queued(matching, db)
        first = await claim(db, "first")
        assert first is not None
        async with db.transaction() as tx:
            await queue.hold(tx.conn, first)
            await queue.release(tx.conn, first, after_s=3600, fault="ended by SIGKILL", counts=True)
        assert await claim(db, "second") is None
        await matching.ask("UPDATE job SET not_before = now()")
        second = await claim(db, "second")
    assert second is not None
    assert second.attempt == 2
