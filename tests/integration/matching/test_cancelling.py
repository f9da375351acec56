"""A cancellation ends a run wherever it stands, and nothing of it comes out afterwards."""

import os
import signal

import psutil

from hub_matching.inputs.checking import check_next
from hub_schemas.events.run_requests import RunCancelRequested, RunRequested
from tests.integration.matching.support import Matching, idle_process, until
from tests.support.instances import market


def cancelling(asked: RunRequested) -> RunCancelRequested:
    return RunCancelRequested(run_id=asked.run_id, round_id=asked.round_id)


async def test_cancelled_before_it_was_requested(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.open() as db:
        await matching.handle(db, cancelling(asked), cancelling(asked), *round_.chunks(), round_.closed())
        await check_next(db)
        await matching.handle(db, asked)
    assert await matching.state(asked.run_id) == "cancelled"
    assert await matching.one("SELECT count(*) FROM job") == 0
    assert await matching.staged_types() == {"InputHeld": 1, "RunAccepted": 1, "RunCancelled": 1}


async def test_cancelled_while_waiting_for_its_input(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.open() as db:
        await matching.handle(db, asked, cancelling(asked), *round_.chunks(), round_.closed())
        await check_next(db)
        await matching.handle(db, cancelling(asked))
    assert await matching.state(asked.run_id) == "cancelled"
    assert await matching.one("SELECT count(*) FROM job") == 0
    assert (await matching.staged_types())["RunCancelled"] == 1


async def test_cancelled_in_the_queue(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.open() as db:
        await matching.handle(db, *round_.chunks(), round_.closed())
        await check_next(db)
        await matching.handle(db, asked)
        assert await matching.state(asked.run_id) == "queued"
        await matching.handle(db, cancelling(asked))
    assert await matching.state(asked.run_id) == "cancelled"
    assert await matching.one("SELECT count(*) FROM job") == 0


async def test_cancelled_while_solving_its_process_is_killed_and_the_next_run_is_solved(matching: Matching) -> None:
    round_ = market()
    asked, following = round_.requested(), round_.requested()
    async with matching.running(solver_prewarmed=1):
        await matching.send(*round_.chunks(), round_.closed())
        stopped = await idle_process(os.getpid())
        stopped.send_signal(signal.SIGSTOP)
        await matching.send(asked)
        await until(lambda: matching.one("SELECT true FROM run WHERE state = 'solving'"))
        await matching.send(cancelling(asked), following)
        assert (await matching.ended(asked.run_id)).type == "RunCancelled"
        assert (await matching.ended(following.run_id)).type == "RunSolved"
        assert not psutil.pid_exists(stopped.pid)
    told = [fact["run_id"] for fact in await matching.staged("RunSolved", "ResultChunk", "RunFailed")]
    assert str(asked.run_id) not in told


async def test_solved_run_is_not_cancelled_any_more(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.running():
        await matching.send(*round_.chunks(), round_.closed(), asked)
        await matching.ended(asked.run_id)
        async with matching.open() as db:
            await matching.handle(db, cancelling(asked))
    assert await matching.state(asked.run_id) == "solved"
    assert await matching.staged("RunCancelled") == []
