"""Crashes: of the solver process, of the whole service in the middle of a solve; and what comes out all the same."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from hub_matching.errors import ChildCrashed
from hub_matching.solver.process import SolverProcess
from hub_matching.solver.task import Task
from hub_matching.solver.wire import Progress
from hub_schemas.events.runs import RunSolved
from hub_schemas.policy import Policy
from tests.integration.matching.support import Matching, idle_process, solver_processes, until
from tests.support.instances import market


async def ignore(progress: Progress) -> None:
    assert progress.step


async def process_of(service_pid: int, *, besides: int | None = None) -> psutil.Process:
    async def found() -> list[psutil.Process]:
        return [child for child in solver_processes(service_pid) if child.pid != besides]

    process = (await until(found))[0]
    assert isinstance(process, psutil.Process)
    return process


async def test_killed_solver_process_is_replaced_and_the_result_is_the_same(matching: Matching) -> None:
    round_ = market(80, 30)
    undisturbed, disturbed = round_.requested(), round_.requested()
    async with matching.running(solver_prewarmed=1) as client:
        await matching.send(*round_.chunks(), round_.closed(), undisturbed)
        expected = (await matching.ended(undisturbed.run_id)).data
        victim = await idle_process(os.getpid())
        victim.send_signal(signal.SIGSTOP)  # so that it is certainly in the middle when it is killed
        await matching.send(disturbed)
        await until(lambda: matching.one("SELECT true FROM run WHERE state = 'solving'"))
        victim.kill()
        got = (await matching.ended(disturbed.run_id)).data
        metrics = (await client.get("/metrics")).text
    assert isinstance(got, RunSolved), got
    assert got.result_sha256 == expected.result_sha256
    assert got.levels == expected.levels
    attempts = [fact["attempt"] for fact in await matching.staged("RunProgressed")]
    assert attempts[-1] == 2
    assert "hub_matching_child_crashes_total 0.0" not in metrics


async def test_run_whose_process_dies_each_time_fails_with_the_reason(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.running(solver_attempts=2):
        await matching.send(*round_.chunks(), round_.closed(), asked)
        first = await process_of(os.getpid())
        first.kill()
        second = await process_of(os.getpid(), besides=first.pid)
        second.kill()
        failed = (await matching.ended(asked.run_id)).data
    assert failed.code == "crashed"
    assert "SIGKILL" in failed.reason
    assert await matching.state(asked.run_id) == "failed"
    assert await matching.staged("RunSolved", "ResultChunk") == []


async def test_run_whose_process_is_silent_past_its_time_limit_is_ended_and_fails(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested(policy=Policy(time_limit_seconds=1))
    async with matching.running(solver_prewarmed=1, solver_grace_s=1.0):
        await matching.send(*round_.chunks(), round_.closed())
        stopped = await idle_process(os.getpid())
        stopped.send_signal(signal.SIGSTOP)
        await matching.send(asked)
        failed = (await matching.ended(asked.run_id)).data
        assert not psutil.pid_exists(stopped.pid)
    assert (failed.code, failed.reason) == ("crashed", "no result after 2 s, the run's time limit and grace together")


async def test_killed_service_loses_its_solver_process_and_another_instance_takes_over(
    matching: Matching, tmp_path: Path
) -> None:
    round_ = market(80, 30)
    asked = round_.requested()
    changes = {"solver_lease_s": 2.0, "solver_prewarmed": 1}
    async with matching.process(tmp_path / "first.log", **changes) as first:
        await matching.send(*round_.chunks(), round_.closed())
        child = await idle_process(first.pid)
        child.send_signal(signal.SIGSTOP)
        await matching.send(asked)
        await until(lambda: matching.one("SELECT true FROM run WHERE state = 'solving'"))
        first.kill()
        await first.wait()
        await until(lambda: gone(child))
    assert await matching.staged("RunSolved", "RunFailed") == []
    async with matching.process(tmp_path / "second.log", **changes):
        solved = (await matching.ended(asked.run_id)).data
    assert isinstance(solved, RunSolved), solved
    begun = [(fact["step"], fact["attempt"]) for fact in await matching.staged("RunProgressed")]
    assert begun[0] == ("read", 1)
    assert ("read", 2) in begun
    assert await matching.one("SELECT count(*) FROM run_result") == solved.chunks


async def test_worker_that_slept_past_its_lease_writes_nothing_after_another_has(
    matching: Matching, tmp_path: Path
) -> None:
    round_ = market(80, 30)
    asked = round_.requested()
    changes = {"solver_lease_s": 2.0, "solver_prewarmed": 1}
    async with matching.process(tmp_path / "sleepy.log", **changes) as sleepy:
        await matching.send(*round_.chunks(), round_.closed())
        child = await idle_process(sleepy.pid)
        child.send_signal(signal.SIGSTOP)
        await matching.send(asked)
        await until(lambda: matching.one("SELECT true FROM run WHERE state = 'solving'"))
        sleepy.send_signal(signal.SIGSTOP)
        child.send_signal(signal.SIGCONT)  # its process goes on and has an answer long before it wakes up
        async with matching.process(tmp_path / "awake.log", **changes):
            # Not on Kafka yet: the sleeper's session still holds the relay's lock.
            await until(lambda: matching.one("SELECT true FROM run WHERE state = 'solved'"))
            sleepy.send_signal(signal.SIGCONT)
            await until(lambda: says(tmp_path / "sleepy.log", "lease lost"))
            solved = (await matching.ended(asked.run_id)).data
    assert isinstance(solved, RunSolved), solved
    assert (await matching.staged_types())["RunSolved"] == 1
    assert await matching.one("SELECT count(*) FROM run_result") == solved.chunks
    assert len(await matching.staged("ResultChunk")) == solved.chunks


async def test_stopping_service_gives_its_job_back_for_others_to_take_at_once(
    matching: Matching, tmp_path: Path
) -> None:
    round_ = market()
    asked = round_.requested()
    changes = {"solver_lease_s": 600.0, "solver_prewarmed": 1}
    async with matching.process(tmp_path / "stopping.log", **changes) as stopping:
        await matching.send(*round_.chunks(), round_.closed())
        child = await idle_process(stopping.pid)
        child.send_signal(signal.SIGSTOP)
        await matching.send(asked)
        await until(lambda: matching.one("SELECT true FROM run WHERE state = 'solving'"))
        stopping.terminate()
        assert await asyncio.wait_for(stopping.wait(), 60) == 0
        assert await gone(child)
    assert await matching.one("SELECT attempts FROM job WHERE worker IS NULL") == 0
    async with matching.running():
        assert (await matching.ended(asked.run_id)).type == "RunSolved"


async def test_process_that_does_not_understand_its_job_is_a_crash_with_no_row_of_the_input_in_it() -> None:
    round_ = market(3, 2)
    process = await SolverProcess.start()
    try:
        with pytest.raises(ChildCrashed, match=r"^ValueError in the solver$"):
            await process.perform(Task(Policy(), round_.files, "0" * 64), on_progress=ignore)
    finally:
        await process.kill()


async def test_solver_process_gets_no_address_and_no_secret() -> None:
    os.environ["HUB_DATABASE_URL"] = "postgresql://somebody:secret@127.0.0.1/x"
    try:
        process = await SolverProcess.start()
        try:
            environment = psutil.Process(process.pid).environ()
        finally:
            await process.kill()
    finally:
        del os.environ["HUB_DATABASE_URL"]
    assert not [name for name in environment if name.startswith(("HUB_", "PG", "KAFKA"))]


async def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def says(log: Path, text: str) -> bool:
    return text in await asyncio.to_thread(log.read_text)
