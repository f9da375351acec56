"""Use cases of notices: the ledger, holding, and the notifier's two questions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.errors import Permanent
from hub_chassis.transaction import Transaction
from hub_registry.errors import NotKnown, RunNotKnown, RunSuperseded
from hub_registry.notices import repository
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.notices import NoticeFact, RecipientKind
from hub_schemas.ids import RoundId, RunId
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
    found = await repository.count_notices(tx.conn)
    expected = await repository.count_expected(tx.conn)
    return {"expected": expected, **{state: found.get(state, 0) for state in ("sent", "failed", "uncertain")}}


async def recipients(conn: Conn, round_id: RoundId, run_id: RunId) -> Recipients:
    """Say whom to tell of a run: advisers of the schools in its round, and the employers whose slots took part.

    Raises:
        RunNotKnown: the round has no such run, or it was not published.
        RunSuperseded: another run stands now.
    """
    run = await runs.load_run(conn, run_id)
    _check_stands(run.state if run.round_id == round_id else None)
    held = await repository.is_held(conn, run.hub_id)
    return Recipients(run.result_sha256 or "", held, await concerned(conn, run))


async def concerned(conn: Conn, run: Run) -> list[tuple[str, RecipientKind]]:
    """List whom a run's publication concerns: (id, kind)."""
    advisers = await repository.load_advisers(conn, run.hub_id, run.round_id)
    frozen = await repository.load_frozen_employers(conn, run.run_id)
    hosts = [row[0] for row in canonical_rows(EMPLOYERS, frozen)] if frozen else []
    employers = await repository.load_employers(conn, run.hub_id, hosts)
    listed: list[tuple[str, RecipientKind]] = [(one, "adviser") for one in advisers]
    return listed + [(one, "employer") for one in employers]


async def show(
    conn: Conn, round_id: RoundId, run_id: RunId, *, kind: RecipientKind, recipient_id: UUID, link: str
) -> Shown:
    """Give one recipient's address and view: counts, dates and a link, never a student's name.

    Raises:
        RunNotKnown, RunSuperseded: as ``recipients``.
        NotKnown: there is no such recipient (any more).
    """
    load = repository.load_adviser if kind == "adviser" else repository.load_employer
    # One statement, because thousands of these follow on a publication.
    row = await load(conn, recipient_id, round_id=round_id, run_id=run_id)
    _check_stands(row.pop("state") if row else None)
    assert row is not None  # noqa: S101 -- checked just now
    if row["email"] is None:
        raise NotKnown("there is no such recipient")
    sha256, held = row.pop("result_sha256"), row.pop("held")
    address = {name: row.pop(name) for name in _ADDRESS}
    return Shown(sha256, held, address, {**row, "link": link})


def _check_stands(state: str | None) -> None:
    match state:
        case RunState.PUBLISHED:
            return
        case RunState.SUPERSEDED:
            raise RunSuperseded("another run's allocation stands now")
        case _:
            raise RunNotKnown("this round has no such published run")
