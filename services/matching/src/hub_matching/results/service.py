"""Use cases of results: written under the job's fence, sent in pieces, sent again, forgotten."""

import json
from collections.abc import Iterator, Sequence

from opentelemetry.trace import get_current_span

from hub_chassis.transaction import Transaction
from hub_matching import metrics
from hub_matching.inputs import erasure
from hub_matching.inputs import repository as inputs
from hub_matching.results import repository
from hub_matching.results.chunks import Piece, Row
from hub_matching.results.model import Result
from hub_matching.runs import queue
from hub_matching.runs import repository as runs
from hub_matching.runs.model import Failure, FailureCode, Lease, Run, RunState
from hub_matching.runs.service import abandon, fail
from hub_schemas.events.entries import StudentErased
from hub_schemas.events.run_results import Part, ResultChunk
from hub_schemas.events.runs import RunSolved
from hub_schemas.ids import RoundId, RunId
from hub_schemas.results import result_sha256


async def solved(tx: Transaction, lease: Lease, result: Result, pieces: Sequence[Piece]) -> None:
    """Write a verified result down and stage it, all in this transaction; raises LeaseLost before writing anything.

    Args:
        tx: the caller's transaction.
        lease: the job under the fence it was claimed with.
        result: what the solver process handed back.
        pieces: the same result, cut; done by the caller outside the transaction because it takes a while.
    """
    run, summary = lease.run, result.summary
    await erasure.hold_off(tx.conn, run.hub_id)
    await queue.hold_all(tx.conn, lease)
    if reason := (await inputs.read(tx.conn, run.input_id)).unusable_reason:
        await fail(tx, run, Failure(FailureCode.REFUSED, f"the input is not runnable any more: {reason}"))
        return
    sha256 = result_sha256(result.parts["allocations"], result.parts["unplaced"])
    took_s = await runs.end(tx.conn, run.run_id, RunState.SOLVED, result_sha256=sha256)
    await queue.remove(tx.conn, run.run_id)
    await repository.add(tx.conn, run.run_id, pieces)
    await tx.outbox.add(_fact(run, result, sha256, len(pieces)), hub_id=run.hub_id)
    await tx.outbox.add_many(_chunks(run.run_id, run.round_id, pieces), hub_id=run.hub_id)
    metrics.RUNS.labels(outcome="solved").inc()
    metrics.RUN_TURNAROUND.observe(took_s)
    metrics.RUN_GAP.set(summary.gap)
    metrics.RUN_MEMORY.set(summary.peak_rss_mb * 1024 * 1024)
    for step, seconds in summary.seconds.items():
        metrics.RUN_SECONDS.labels(step=step).observe(seconds)
    get_current_span().set_attributes({f"hub.seconds.{step}": seconds for step, seconds in summary.seconds.items()})


async def send_again(tx: Transaction, run_id: RunId) -> int:
    """Stage a stored result's pieces once more; gives their number, 0 when there is no such result."""
    run = await runs.lock(tx.conn, run_id)
    if run is None or run.state is not RunState.SOLVED:
        return 0
    pieces = await repository.load(tx.conn, run_id)
    await tx.outbox.add_many(_chunks(run_id, run.round_id, pieces), hub_id=run.hub_id)
    return len(pieces)


async def erase(tx: Transaction, event: StudentErased) -> None:
    """Drop a student's rows from inputs and results, end what can't go on without them, remember the ids."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    if not event.participant_ids:
        return
    touched = await erasure.remember(tx, tx.hub_id, event.participant_ids)
    failure = Failure(FailureCode.REFUSED, f"the input is not runnable any more: {erasure.REASON}")
    await abandon(tx, touched, failure)
    gone = frozenset[str](event.participant_ids)
    for run_id, index, part, rows in await repository.pieces_naming(tx.conn, tx.hub_id, event.participant_ids):
        kept = [row for row in rows if _of(part, row) not in gone]
        if len(kept) < len(rows):
            await repository.set_rows(tx.conn, run_id, index, kept)
            await repository.empty_certificate(tx.conn, run_id)


def _of(part: Part, row: Row) -> str | None:
    """Name the participant a row is about."""
    if part != "explanations":
        return row[0]
    student = json.loads(row[0]).get("student_id")
    return str(student) if student is not None else None


def _chunks(run_id: RunId, round_id: RoundId, pieces: Sequence[Piece]) -> Iterator[ResultChunk]:
    for index, piece in enumerate(pieces):
        yield ResultChunk(
            run_id=run_id, round_id=round_id, part=piece.part, index=index, count=len(pieces), rows=piece.rows
        )


def _fact(run: Run, result: Result, sha256: str, chunks: int) -> RunSolved:
    summary = result.summary
    return RunSolved(
        run_id=run.run_id,
        round_id=run.round_id,
        input_id=run.input_id,
        input_sha256=summary.input_sha256,
        status=summary.status,
        levels=summary.levels,
        gap=summary.gap,
        placements=summary.placements,
        unplaced=summary.unplaced,
        result_sha256=sha256,
        chunks=chunks,
        verdict=summary.verdict,
        seconds=summary.seconds,
        peak_rss_mb=summary.peak_rss_mb,
        solver_version=summary.solver_version,
        part_sha256=summary.part_sha256,
        parent_run_id=run.change.parent_run_id if run.change else None,
        moves=summary.moves,
    )
