"""Use case of publication: the registry verifies for itself what it lets stand, all in one transaction."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from hub_allocation.change import read_before
from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import AllocationError
from hub_allocation.policy import Policy as SolverPolicy
from hub_allocation.reading.tables import read_instance
from hub_allocation.verify import Verdict, verify
from hub_chassis.transaction import Transaction
from hub_registry import metrics
from hub_registry.inputs import repository as inputs
from hub_registry.notices.service import concerned
from hub_registry.results import repository as results
from hub_registry.results.model import ALLOCATIONS, UNPLACED, BadResult, differing, table_bytes, table_rows
from hub_registry.rounds import repository as rounds
from hub_registry.rounds.model import Round
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run, RunState
from hub_registry.runs.service import fail, supersede
from hub_schemas.events.rounds import RoundPublished, RoundSuperseded
from hub_schemas.ids import RunId
from hub_schemas.results import result_sha256

REASONS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Published:
    """The run's allocation stands."""

    run: Run
    round_: Round


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is stored is not what was approved, or does not hold: the run has failed, nothing was published."""

    run: Run
    reasons: tuple[str, ...]


async def publish(tx: Transaction, run_id: RunId) -> Published | Rejected:
    """Verify an approved run again and let its allocation stand, in the place of an earlier one if there is one.

    Raises:
        RunNotKnown, RunNotApproved: there is no such run, or two people have not approved it.
        RoundNotClosed: the round was cancelled or settled meanwhile.
    """
    run = await runs.load_run(tx.conn, run_id)
    round_ = await rounds.lock_round(tx.conn, run.round_id)
    run = await runs.lock_run(tx.conn, run_id)
    run.check_approved()
    at = datetime.now(UTC)
    published = round_.publish(run_id, at=at)
    reasons = await faults(tx, run)
    if reasons:
        metrics.PUBLICATIONS.labels(outcome="rejected").inc()
        reason = "; ".join(reasons[:REASONS_SHOWN])
        return Rejected(await fail(tx, run, code="rejected_by_registry", reason=reason), reasons)
    standing = await runs.lock_standing(tx.conn, run.round_id)
    if standing is not None:
        await supersede(tx, standing)
        await tx.outbox.add(RoundSuperseded(round_id=run.round_id, run_id=standing.run_id, by_run_id=run_id))
    run = replace(
        run,
        state=RunState.PUBLISHED,
        published_at=at,
        verdict="verified again before publication",
        recipients=len(await concerned(tx.conn, run)),
    )
    await runs.save_run(tx.conn, run)
    await rounds.save_round(tx.conn, published)
    await tx.outbox.add(_fact(published, run, at))
    metrics.PUBLICATIONS.labels(outcome="published").inc()
    return Published(run, published)


async def faults(tx: Transaction, run: Run) -> tuple[str, ...]:
    """List what is wrong with a run's stored result; empty when it may stand."""
    assert run.report is not None  # noqa: S101 -- an approved run has one
    tables = await inputs.load_files(tx.conn, run.input_id)
    output = await results.load_files(tx.conn, run.run_id)
    if result_sha256(output.get("allocations.csv", b""), output.get("unplaced.csv", b"")) != run.result_sha256:
        return ("the stored result does not hash to what was approved",)
    if not await _rows_agree(tx, run, output):
        return ("the placements in the registry are not those of the result that was approved",)
    known = await results.load_known(tx.conn, run.round_id)
    told = await results.load_explanations(tx.conn, run.run_id)
    announced: dict[str, str] = run.report.get("part_sha256", {})
    if reasons := await asyncio.to_thread(_told_otherwise, output, announced, told, known):
        return reasons
    began = time.perf_counter()
    # Seconds of computing for a region: in a thread, so that other requests are answered meanwhile.
    stood = await _stood(tx, run)
    reasons = await asyncio.to_thread(_verify, tables, output, run, stood)
    metrics.VERIFY_SECONDS.observe(time.perf_counter() - began)
    return reasons


async def _stood(tx: Transaction, run: Run) -> bytes | None:
    """The allocation that a change run started from."""
    if run.parent_run_id is None:
        return None
    return await results.load_file(tx.conn, run.parent_run_id, "allocations.csv")


def _verify(tables: Mapping[str, bytes], output: Mapping[str, bytes], run: Run, stood: bytes | None) -> tuple[str, ...]:
    try:
        instance = read_instance(tables, SolverPolicy.from_mapping(run.policy.model_dump()))
        pairs = find_pairs(instance)
        before = None if stood is None else read_before(instance, pairs, stood, frozen=run.mode == "frozen")
        standing, fixed = (None, None) if before is None else (before.standing, before.fixed)
        # A run that was solved before an upgrade may still be published after it. Its words were held together above.
        verdict: Verdict = verify(instance, output, standing=standing, fixed=fixed, pairs=pairs, earlier=True)
    except AllocationError as error:
        return (f"the frozen input can't be verified: {error}",)
    return verdict.reasons


def _told_otherwise(
    output: Mapping[str, bytes],
    announced: Mapping[str, str],
    told: Sequence[tuple[int, UUID | None, str | None, str]],
    known: results.Known,
) -> tuple[str, ...]:
    """List what is stored otherwise than matching announced it, and explanations that people are shown otherwise.

    Of files in other words than this version's only these hashes hold the words; 0.1.0 announced none.
    """
    if others := differing(output, announced):
        return tuple(f"{name} does not hash to what matching announced" for name in others)
    try:
        lines = output.get("explanations.jsonl", b"").decode().split("\n")[:-1]
        right = zip(*results.explained(lines, known), strict=True)
        agree = list(right) == list(told)
    except (BadResult, UnicodeDecodeError):
        agree = False
    return () if agree else ("the explanations in the registry are not those of the result that was approved",)


async def _rows_agree(tx: Transaction, run: Run, output: Mapping[str, bytes]) -> bool:
    """Compare the rows people are shown with the files that are verified; students erased meanwhile are in neither."""
    known = (await results.load_known(tx.conn, run.round_id)).students
    placed, unplaced = await results.load_stored(tx.conn, run.run_id)
    for header, name, stored in ((ALLOCATIONS, "allocations.csv", placed), (UNPLACED, "unplaced.csv", unplaced)):
        rows = [row for row in table_rows(output[name]) if row[0] in known]
        if table_bytes(header, rows) != table_bytes(header, stored):
            return False
    return True


def _fact(round_: Round, run: Run, at: datetime) -> RoundPublished:
    report = run.report or {}
    return RoundPublished(
        round_id=round_.round_id,
        programme_id=round_.programme_id,
        run_id=run.run_id,
        input_sha256=report["input_sha256"],
        result_sha256=report["result_sha256"],
        placements=report["placements"],
        unplaced=report["unplaced"],
        published_at=at,
    )
