"""Use cases of results: pieces are kept as they come; a worker takes the whole once it is here."""

import asyncio
import json
from datetime import UTC, datetime

import asyncpg
import structlog

from hub_chassis.service import Running
from hub_chassis.transaction import Transaction
from hub_chassis.waiting import pause
from hub_registry import metrics
from hub_registry.results import repository
from hub_registry.results.model import BadResult, Result, assemble
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run
from hub_registry.runs.service import fail, lock_own
from hub_schemas.events.run_results import ResultChunk
from hub_schemas.ids import RunId

log = structlog.get_logger(__name__)

LOOK_S = 0.2
"""How often the worker looks for a result that is complete."""


async def store_chunk(tx: Transaction, chunk: ResultChunk) -> None:
    """Keep a piece of a result; of a run that has ended, or has its result, nothing is kept."""
    run = await lock_own(tx, chunk.run_id)
    if run.awaits_result:
        content = json.dumps(chunk.rows, ensure_ascii=False, separators=(",", ":"))
        await runs.add_chunk(tx.conn, run, place=chunk.index, part=chunk.part, content=content)


async def take_results(running: Running) -> None:
    """Take each result once all of it is here, until the service stops; any number of replicas may do so."""
    while not running.stop.is_set():
        async with running.worker_db.transaction() as tx:
            taken = await take_next(tx)
        if taken is None:
            await pause(running.stop, LOOK_S)


async def take_next(tx: Transaction) -> RunId | None:
    """Take one complete result: solved when it hashes right, failed otherwise; None when there is none."""
    run_id = await repository.next_complete(tx.conn)
    if run_id is None:
        return None
    run = await runs.load_run(tx.conn, run_id)
    assert run.report is not None  # noqa: S101 -- what makes it complete
    chunks = await repository.load_chunks(tx.conn, run_id)
    try:
        # A region's explanations take a second to read: in a thread, so that heartbeats go on.
        result = await asyncio.to_thread(
            assemble,
            chunks,
            count=run.report["chunks"],
            sha256=run.report["result_sha256"],
            part_sha256=run.report.get("part_sha256", {}),
        )
        await _store_or_refuse(tx, run, result)
    except BadResult as bad:
        log.warning("a result was refused", run_id=str(run_id), reason=bad.reason)
        await fail(tx, run, code=bad.code, reason=bad.reason)
        metrics.RESULTS.labels(outcome=bad.code).inc()
    else:
        await runs.save_run(tx.conn, run.take(at=datetime.now(UTC)))
        metrics.RESULTS.labels(outcome="taken").inc()
    await repository.drop_chunks(tx.conn, run_id)
    return run_id


async def _store_or_refuse(tx: Transaction, run: Run, result: Result) -> None:
    """Write a result's rows, or none of them: what the database does not take must not hold up the results behind."""
    try:
        async with tx.conn.transaction():
            await _store(tx, run, result)
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as refused:
        reason = f"the registry's database refuses the rows ({type(refused).__name__})"
        raise BadResult("result_unreadable", reason) from refused


async def _store(tx: Transaction, run: Run, result: Result) -> None:
    known = await repository.load_known(tx.conn, run.round_id)
    named = {row[1] for row in result.allocations} | {slot for row in result.moves for slot in row[1:3] if slot}
    if strange := sorted(named - known.hosts.keys()):
        raise BadResult("result_unreadable", f"the result names {strange[0]}, which is no slot of the programme")
    if not all(_is_readable(row) for row in result.allocations):
        raise BadResult("result_unreadable", "a placement's rank or minutes are no whole numbers")
    await repository.add_files(tx.conn, run, result.files)
    await repository.add_placements(tx.conn, run, result.allocations, known)
    await repository.add_unplaced(tx.conn, run, result.unplaced, known)
    await repository.add_explanations(tx.conn, run, result.explanations, known)
    await repository.add_moves(tx.conn, run, result.moves, known)


def _is_readable(row: tuple[str, ...]) -> bool:
    _, _, rank, minutes, _ = row
    return (rank == "" or rank.isdecimal()) and minutes.isdecimal()
