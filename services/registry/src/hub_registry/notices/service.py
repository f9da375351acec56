"""Use cases of notices: the ledger, holding, and the notifier's two questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.errors import Permanent
from hub_chassis.transaction import Transaction
from hub_registry.errors import RunNotKnown, RunSuperseded
from hub_registry.notices import repository, views
from hub_registry.notices.repository import Fate
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run, RunState
from hub_schemas.events.notices import RecipientKind
from hub_schemas.ids import RoundId, RunId
from hub_schemas.tables import EMPLOYERS, canonical_rows

_ADDRESS = ("name", "email")


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom to tell of a published run; ids only."""

    result_sha256: str
    held: bool
    recipients: list[tuple[str, RecipientKind]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one recipient is told, and where."""

    recipient_id: UUID
    kind: RecipientKind | Literal["person"]
    address: dict[str, str]
    view: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Views:
    """What recipients are told, at the moment of sending; who isn't there (any more) is left out."""

    result_sha256: str
    held: bool
    shown: list[Shown]


async def record(tx: Transaction, fates: Sequence[Fate]) -> None:
    """Enter what became of notices in the ledger; raises Permanent when the messages' hub has no such run."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    of_each = {fate.fact.notice_id: fate for fate in fates}
    unknown = of_each.keys() - await repository.record(tx.conn, tx.hub_id, list(of_each.values()))
    if unknown:
        raise Permanent(f"notices about a run this hub does not have: {', '.join(map(str, sorted(unknown)))}")


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
    conn: Conn, round_id: RoundId, run_id: RunId, *, advisers: Sequence[UUID], employers: Sequence[UUID], link: str
) -> Views:
    """Give recipients' addresses and views: counts, dates and a link, never a student's name.

    A few statements for all of them, because thousands of notices follow on a publication.

    Raises:
        RunNotKnown, RunSuperseded: as ``recipients``.
    """
    run = await views.load_run(conn, round_id, run_id)
    _check_stands(run.pop("state") if run else None)
    assert run is not None  # noqa: S101 -- checked just now
    sha256, held = run.pop("result_sha256"), run.pop("held")
    told = {**run, "link": link}
    people = [
        *shown("adviser", await views.load_advisers(conn, run_id, advisers) if advisers else {}, told),
        *shown("employer", await views.load_employers(conn, run_id, employers) if employers else {}, told),
    ]
    return Views(sha256, held, people)


def shown(kind: RecipientKind, found: dict[UUID, dict[str, Any]], told: dict[str, Any]) -> list[Shown]:
    """Give each recipient's address and view: what all are told, and what is theirs."""
    return [
        Shown(recipient_id, kind, {name: row.pop(name) for name in _ADDRESS}, {**told, **row})
        for recipient_id, row in found.items()
    ]


def _check_stands(state: str | None) -> None:
    match state:
        case RunState.PUBLISHED:
            return
        case RunState.SUPERSEDED:
            raise RunSuperseded("another run's allocation stands now")
        case _:
            raise RunNotKnown("this round has no such published run")
