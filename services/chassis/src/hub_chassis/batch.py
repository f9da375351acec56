"""One batch of records, one transaction: claim, skip, handle, keep what fails.

The first attempt runs without savepoints (two round trips less per record). If any handler fails for good it is rolled
back and the batch runs again with a savepoint around each record, so that one failure undoes one record only. What
fails at the commit (deferred constraints) is found by a transaction for each record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from hub_chassis import dead_letters, effect, inbox, outbox
from hub_chassis.database import Conn, Database
from hub_chassis.errors import Permanent, is_transient
from hub_chassis.handlers import Handlers, Wanted
from hub_chassis.outbox import Outbox
from hub_chassis.record import Received
from hub_schemas.envelope import Envelope
from hub_schemas.ids import HubId

_BEHIND = "an earlier record of this key waits for a decision"


@dataclass
class Outcome:
    """What became of a batch's records."""

    handled: int = 0
    skipped: int = 0
    duplicate: int = 0
    passed: int = 0
    unreadable: int = 0
    permanent: int = 0
    parked: int = 0

    def add(self, other: "Outcome") -> None:
        """Count another batch's records too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def dead(self) -> int:
        """New dead letters, not counting parked records."""
        return self.unreadable + self.permanent


class _Failed(Exception):
    """A handler failed for good in the attempt without savepoints."""


@dataclass
class _Run:
    """The state of one attempt."""

    conn: Conn
    source: str
    handlers: Handlers
    savepoints: bool
    refuse: Exception | None
    parked: set[tuple[str, str]] = field(default_factory=set)
    claimed: set[UUID] = field(default_factory=set)
    passed: dict[inbox.State, int] = field(default_factory=dict)
    moved: dict[inbox.State, int] = field(default_factory=dict)
    hub_id: HubId | None = None
    waiting: list[Envelope[Any]] = field(default_factory=list)
    waiting_for: Wanted | None = None
    staged: list[outbox.Row] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)


async def handle_batch(db: Database, handlers: Handlers, records: Sequence[Received]) -> Outcome:
    """Handle records in order in one transaction; raises only what is transient (nothing is written then)."""
    mine = [record for record in records if record.error is not None or _wanted(handlers, record)]
    skipped = Outcome(skipped=len(records) - len(mine))
    if not mine:
        return skipped
    outcome = await _together(db, handlers, mine)
    outcome.add(skipped)
    return outcome


async def _together(db: Database, handlers: Handlers, records: Sequence[Received]) -> Outcome:
    for savepoints in (False, True):
        try:
            return await _attempt(db, handlers, records, savepoints=savepoints)
        except Exception as error:
            if is_transient(error):
                raise
    return await _one_by_one(db, handlers, records)


async def _one_by_one(db: Database, handlers: Handlers, records: Sequence[Received]) -> Outcome:
    """The last resort, for what fails at the commit only (deferred constraints): a transaction for each record."""
    total = Outcome()
    for record in records:
        try:
            outcome = await _attempt(db, handlers, [record], savepoints=True)
        except Exception as error:
            if is_transient(error):
                raise
            outcome = await _attempt(db, handlers, [record], savepoints=True, refuse=error)
        total.add(outcome)
    return total


async def _attempt(
    db: Database,
    handlers: Handlers,
    records: Sequence[Received],
    *,
    savepoints: bool,
    refuse: Exception | None = None,
) -> Outcome:
    async with db.connection() as conn, conn.transaction():
        run = _Run(conn=conn, source=db.source, handlers=handlers, savepoints=savepoints, refuse=refuse)
        run.parked = await dead_letters.parked(conn, records)
        run.claimed = await inbox.claim(conn, [record.envelope.id for record in records if record.envelope])
        run.passed = await inbox.passed(conn, _states(handlers, records))
        for record in records:
            await _one(run, record)
        await _handle_waiting(run)
        await inbox.advance(conn, run.moved)
        await outbox.flush(conn, run.staged)
        return run.outcome


async def _one(run: _Run, record: Received) -> None:
    envelope, wanted = record.envelope, _wanted(run.handlers, record)
    if envelope is None or wanted is None:
        error = record.error or ""
        run.outcome.unreadable += 1
        await _dead(run, record, reason="unreadable", error=error, detail=error)
        return
    if envelope.id not in run.claimed:
        run.outcome.duplicate += 1
        return
    run.claimed.discard(envelope.id)
    state = _state(record, envelope)
    if record.key is not None and (record.topic, record.key) in run.parked:
        run.outcome.parked += 1
        await _dead(run, record, reason="parked", error=_BEHIND, detail=_BEHIND)
    elif wanted.fact.replaces_state and envelope.seq <= run.passed.get(state, -1):
        run.outcome.passed += 1
    elif run.savepoints:
        await _guarded(run, record, envelope, wanted)
    else:
        await _gathered(run, record, envelope, wanted)


async def _gathered(run: _Run, record: Received, envelope: Envelope[Any], wanted: Wanted) -> None:
    """Put a record with those before it that its handler takes together with it, or handle those first."""
    if run.waiting and not (run.waiting_for is wanted and wanted.together and run.waiting[0].hub_id == envelope.hub_id):
        await _handle_waiting(run)
    run.waiting_for = wanted
    run.waiting.append(envelope)
    _moved(run, record, envelope, wanted)


async def _handle_waiting(run: _Run) -> None:
    if run.waiting_for is None:
        return
    try:
        await _effect(run, run.waiting, run.waiting_for)
    except Exception as error:
        if is_transient(error) or run.conn.is_closed():
            raise
        raise _Failed from error
    run.waiting, run.waiting_for = [], None


async def _guarded(run: _Run, record: Received, envelope: Envelope[Any], wanted: Wanted) -> None:
    """Handle a record inside a savepoint; keep it as a dead letter when its handler fails for good."""
    try:
        async with run.conn.transaction():
            await _effect(run, [envelope], wanted)
    except Exception as error:
        if is_transient(error) or run.conn.is_closed():
            raise
        run.hub_id = None
        run.outcome.permanent += 1
        name = type(error).__name__
        detail = f"{name}: {error}" if isinstance(error, Permanent) else name
        await _dead(run, record, reason="permanent", error=f"{name}: {error}", detail=detail)
        return
    _moved(run, record, envelope, wanted)


async def _effect(run: _Run, envelopes: Sequence[Envelope[Any]], wanted: Wanted) -> None:
    if run.refuse is not None:
        raise run.refuse
    rows = await effect.take(run.conn, envelopes, wanted, source=run.source, scoped=run.hub_id)
    run.hub_id = envelopes[0].hub_id
    run.staged.extend(rows)
    run.outcome.handled += len(envelopes)


async def _dead(run: _Run, record: Received, *, reason: dead_letters.Reason, error: str, detail: str) -> None:
    mirror = Outbox(source=run.source, hub_id=None, cause=record.envelope)
    await dead_letters.keep(run.conn, record, reason=reason, error=error, detail=detail, outbox=mirror)
    run.staged.extend(mirror.rows)
    if record.key is not None:
        run.parked.add((record.topic, record.key))


def _moved(run: _Run, record: Received, envelope: Envelope[Any], wanted: Wanted) -> None:
    if wanted.fact.replaces_state:
        run.passed[_state(record, envelope)] = run.moved[_state(record, envelope)] = envelope.seq


def _state(record: Received, envelope: Envelope[Any]) -> inbox.State:
    return envelope.source, record.topic, envelope.subject


def _states(handlers: Handlers, records: Sequence[Received]) -> set[inbox.State]:
    """The states that these records want to replace."""
    return {
        _state(record, record.envelope)
        for record in records
        if record.envelope is not None and (wanted := _wanted(handlers, record)) and wanted.fact.replaces_state
    }


def _wanted(handlers: Handlers, record: Received) -> Wanted | None:
    return handlers.find(record.topic, type(record.envelope.data)) if record.envelope else None
