"""A run cut into shares: solved side by side, crashed between, cancelled, taken over; the same result all the same."""

import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from hub_chassis.database import Database
from hub_matching.errors import LeaseLost
from hub_matching.inputs.checking import check_next
from hub_matching.runs import queue, shares
from hub_matching.runs.model import Failure, FailureCode, Lease
from hub_matching.runs.service import fail
from hub_matching.solver.task import SolvedShare
from hub_schemas.events.run_requests import RunCancelRequested, RunRequested
from hub_schemas.events.runs import RunSolved
from tests.integration.matching.support import HUB, Matching, solver_processes, until
from tests.support.instances import Round, market

CUT: dict[str, Any] = {"solver_processes": 2, "solver_share_pairs": 1}
"""However small, a run is cut in two."""
WHOLE: dict[str, Any] = {"solver_processes": 1}
SHARE = SolvedShare(b"what a share came to", {"solve": 0.1, "total": 0.2}, 100.0)


def two_towns(students: int = 60, slots: int = 20) -> Round:
    """Two markets that have nothing to do with each other, so that a run can be cut."""
    here, there = market(students, slots, seed=1), market(students, slots, seed=2)
    rows = {table: [*found] for table, found in here.rows.items()}
    for table in ("students", "slots", "employers", "preferences"):
        for cells in there.rows[table]:
            rows[table].append(
                tuple(f"t{cell}" if cell[:1] in "spe" and cell[1:].isdigit() else cell for cell in cells)
            )
    return Round(rows)


async def claim(db: Database, worker: str = "worker") -> Lease | None:
    async with db.transaction() as tx:
        return await queue.claim(tx.conn, worker=worker, lease_s=60)


async def cut_in_two(matching: Matching, db: Database) -> tuple[RunRequested, Lease]:
    """A run whose first job has planned two shares; gives that job's lease as it was."""
    round_ = two_towns(12, 5)
    asked = round_.requested()
    await matching.handle(db, *round_.chunks(), round_.closed(), asked)
    await check_next(db)
    planning = await claim(db)
    assert planning is not None
    async with db.transaction(hub_id=HUB) as tx:
        await shares.cut(tx, planning, 2)
    return asked, planning


async def keep(db: Database, lease: Lease) -> bool:
    async with db.transaction(hub_id=HUB) as tx:
        return await shares.keep(tx, lease, SHARE)


async def test_run_cut_in_two_comes_to_the_very_result_of_one_process(matching: Matching) -> None:
    round_ = two_towns()
    whole, cut = round_.requested(), round_.requested()
    async with matching.running(**WHOLE):
        await matching.send(*round_.chunks(), round_.closed(), whole)
        expected = (await matching.ended(whole.run_id)).data
    async with matching.running(**CUT) as client:
        await matching.send(cut)
        got = (await matching.ended(cut.run_id)).data
        told = (await client.get("/metrics")).text
    assert isinstance(expected, RunSolved), expected
    assert isinstance(got, RunSolved), got
    assert (got.result_sha256, got.levels, got.chunks) == (expected.result_sha256, expected.levels, expected.chunks)
    assert {**got.part_sha256, "run": ""} == {**expected.part_sha256, "run": ""}  # run.json has the seconds
    told_of = {fact["share"] for fact in await matching.staged("RunProgressed") if fact["run_id"] == str(cut.run_id)}
    assert {1, 2} <= told_of
    assert "hub_matching_shares_total 2.0" in told
    assert await matching.one("SELECT shares FROM run WHERE run_id = $1", cut.run_id) == 2
    assert await matching.one("SELECT count(*) FROM run_share") == 0
    assert await matching.one("SELECT count(*) FROM job") == 0


async def test_service_killed_between_shares_loses_nothing(matching: Matching, tmp_path: Path) -> None:
    round_ = two_towns()
    asked, undisturbed = round_.requested(), round_.requested()
    changes = {**CUT, "solver_lease_s": 2.0}
    async with matching.process(tmp_path / "first.log", **changes) as first:
        await matching.send(*round_.chunks(), round_.closed(), asked)
        await until(lambda: matching.one("SELECT count(*) = 2 FROM job WHERE component > 0 AND worker IS NOT NULL"))
        stopped = (await until(lambda: _processes(first.pid)))[-1]
        stopped.send_signal(signal.SIGSTOP)  # one share is never finished here, the other may be
        await until(lambda: matching.one("SELECT count(*) = 1 FROM run_share"))
        first.kill()
        await first.wait()
    solved_before = await matching.ask("SELECT share, solved_at FROM run_share")
    async with matching.process(tmp_path / "second.log", **changes):
        solved = (await matching.ended(asked.run_id)).data
        await matching.send(undisturbed)
        expected = (await matching.ended(undisturbed.run_id)).data
    assert isinstance(solved, RunSolved), solved
    assert solved.result_sha256 == expected.result_sha256
    begun = [
        (fact["share"], fact["attempt"]) for fact in await matching.staged("RunProgressed") if fact["step"] == "read"
    ]
    [kept] = [row["share"] for row in solved_before]
    assert (kept, 2) not in begun
    assert (3 - kept, 2) in begun


async def test_run_waits_for_its_last_share_and_is_due_once(matching: Matching) -> None:
    async with matching.open() as db:
        await cut_in_two(matching, db)
        first, second = await claim(db, "first"), await claim(db, "second")
        assert first is not None
        assert second is not None
        assert {first.component, second.component} == {1, 2}
        assert (first.run.shares, await claim(db)) == (2, None)
        assert await keep(db, second) is False
        assert await claim(db) is None
        assert await keep(db, first) is True
        joining = await claim(db)
        assert joining is not None
        assert (joining.component, joining.attempt) == (0, 1)
        async with db.connection() as conn:
            assert await shares.load(conn, joining.run) == (SHARE, SHARE)
        assert await claim(db) is None


async def test_who_planned_a_run_or_lost_a_share_writes_nothing_more(matching: Matching) -> None:
    async with matching.open() as db:
        _, planning = await cut_in_two(matching, db)
        with pytest.raises(LeaseLost):
            async with db.transaction(hub_id=HUB) as tx:
                await shares.cut(tx, planning, 2)
        stale = await claim(db, "stale")
        assert stale is not None
        await matching.ask("UPDATE job SET lease_until = now() - interval '1 second' WHERE worker = 'stale'")
        fresh = await claim(db, "fresh")
        assert fresh is not None
        assert (fresh.component, fresh.attempt) == (stale.component, 2)
        with pytest.raises(LeaseLost):
            await keep(db, stale)
        assert await matching.one("SELECT count(*) FROM run_share") == 0
        await keep(db, fresh)
        with pytest.raises(LeaseLost):
            await keep(db, fresh)


async def test_share_without_an_answer_ends_the_run_and_all_its_jobs(matching: Matching) -> None:
    async with matching.open() as db:
        asked, _ = await cut_in_two(matching, db)
        first, second = await claim(db), await claim(db)
        assert first is not None
        assert second is not None
        await keep(db, first)
        async with db.transaction(hub_id=HUB) as tx:
            await queue.hold_all(tx.conn, second)
            await fail(tx, second.run, Failure(FailureCode.INFEASIBLE, "no allocation", ("a rule",)))
    assert await matching.state(asked.run_id) == "failed"
    assert await matching.one("SELECT count(*) FROM job") == await matching.one("SELECT count(*) FROM run_share") == 0


async def test_cancelled_run_loses_all_its_shares(matching: Matching) -> None:
    async with matching.open() as db:
        asked, _ = await cut_in_two(matching, db)
        first, second = await claim(db), await claim(db)
        assert first is not None
        assert second is not None
        await keep(db, first)
        await matching.handle(db, RunCancelRequested(run_id=asked.run_id, round_id=asked.round_id))
        with pytest.raises(LeaseLost):
            await keep(db, second)
    assert await matching.state(asked.run_id) == "cancelled"
    assert await matching.one("SELECT count(*) FROM job") == await matching.one("SELECT count(*) FROM run_share") == 0


async def test_shares_go_before_runs_that_were_asked_for_later(matching: Matching) -> None:
    async with matching.open() as db:
        asked, _ = await cut_in_two(matching, db)
        round_ = market()
        later = round_.requested()
        await matching.handle(db, *round_.chunks(), round_.closed(), later)
        await check_next(db)
        order = [await claim(db) for _ in range(3)]
    found = [(lease.run.run_id, lease.component) for lease in order if lease is not None]
    assert found == [(asked.run_id, 1), (asked.run_id, 2), (later.run_id, 0)]


async def _processes(service_pid: int) -> list[psutil.Process]:
    return solver_processes(service_pid)
