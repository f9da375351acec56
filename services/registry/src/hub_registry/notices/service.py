"""Use cases of notices: the ledger, holding, and the notifier's two questions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from hub_chassis.errors import Permanent
from hub_chassis.transaction import Transaction
from hub_registry.errors import NotKnown, RunNotKnown, RunSuperseded
from hub_registry.notices import repository
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.notices import NoticeFact, RecipientKind
from hub_schemas.ids import HubId, RoundId, RunId
from hub_schemas.tables import EMPLOYERS, canonical_rows

NoticeState = Literal["sent", "failed", "uncertain"]
_ADDRESS = ("name", "email")


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom to tell of a published run; ids only."""

    result_sha256: str
    held: bool
    recipients: list[tuple[str, RecipientKind]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one recipient is told, at the moment of sending."""

    result_sha256: str
    held: bool
    address: dict[str, str]
    view: dict[str, Any]


async def record(
    tx: Transaction, fact: NoticeFact, *, state: NoticeState, reason: str = "", sent_at: datetime | None = None
) -> None:
    """Enter what became of a notice in the ledger; raises Permanent when the message's hub has no such run."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    if not await repository.record(tx.conn, tx.hub_id, fact, state=state, reason=reason, sent_at=sent_at):
        raise Permanent(f"notice {fact.notice_id} is about a run this hub does not have")


async def set_held(tx: Transaction, *, held: bool) -> None:
    """Hold all outgoing notices of the caller's hub, or let them go."""
    assert tx.hub_id is not None  # noqa: S101 -- the caller's hub
    await repository.set_held(tx.conn, tx.hub_id, held=held)


async def counts(tx: Transaction) -> dict[str, int]:
    """Count the hub's notices by state, and how many are expected for all that stands."""
    assert tx.hub_id is not None  # noqa: S101 -- the caller's hub
    found = await repository.count_notices(tx.conn)
    expected = 0
    for run_id in await repository.load_published(tx.conn):
        run = await runs.load_run(tx.conn, run_id)
        expected += len(await _recipients(tx, run))
    return {"expected": expected, **{state: found.get(state, 0) for state in ("sent", "failed", "uncertain")}}


async def recipients(tx: Transaction, round_id: RoundId, run_id: RunId) -> Recipients:
    """Say whom to tell of a run: advisers of the schools in its round, and the employers whose slots took part.

    Raises:
        RunNotKnown: the round has no such run, or it was not published.
        RunSuperseded: another run stands now.
    """
    run = await _standing(tx, round_id, run_id)
    held = await repository.is_held(tx.conn, run.hub_id)
    return Recipients(run.result_sha256 or "", held, await _recipients(tx, run))


async def show(
    tx: Transaction, round_id: RoundId, run_id: RunId, *, kind: RecipientKind, recipient_id: UUID, link: str
) -> Shown:
    """Give one recipient's address and view: counts, dates and a link, never a student's name.

    Raises:
        RunNotKnown, RunSuperseded: as ``recipients``.
        NotKnown: there is no such recipient (any more).
    """
    run = await _standing(tx, round_id, run_id)
    load = repository.load_adviser if kind == "adviser" else repository.load_employer
    row = await load(tx.conn, recipient_id, round_id=round_id, run_id=run_id)
    if row is None:
        raise NotKnown("there is no such recipient")
    address = {name: row.pop(name) for name in _ADDRESS}
    held = await repository.is_held(tx.conn, run.hub_id)
    return Shown(run.result_sha256 or "", held, address, {**row, "link": link})


async def _standing(tx: Transaction, round_id: RoundId, run_id: RunId) -> Run:
    run = await runs.load_run(tx.conn, run_id)
    if run.round_id != round_id or run.state not in {RunState.PUBLISHED, RunState.SUPERSEDED}:
        raise RunNotKnown("this round has no such published run")
    if run.state is RunState.SUPERSEDED:
        raise RunSuperseded("another run's allocation stands now", run_id=str(run_id))
    return run


async def _recipients(tx: Transaction, run: Run) -> list[tuple[str, RecipientKind]]:
    advisers = await repository.load_advisers(tx.conn, HubId(run.hub_id), run.round_id)
    frozen = await repository.load_frozen_employers(tx.conn, run.run_id)
    hosts = [row[0] for row in canonical_rows(EMPLOYERS, frozen)] if frozen else []
    employers = await repository.load_employers(tx.conn, HubId(run.hub_id), hosts)
    listed: list[tuple[str, RecipientKind]] = [(one, "adviser") for one in advisers]
    return listed + [(one, "employer") for one in employers]
