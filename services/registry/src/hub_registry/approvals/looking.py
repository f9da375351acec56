"""Use case of looking: an approval at the pages takes that the person has opened what they answer for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.approvals.service import approve
from hub_registry.errors import Finding, Invalid
from hub_registry.runs.model import Run
from hub_schemas.ids import RunId

NEEDED: Final = {
    "summary": "Summary: levels, choices, journeys",
    "groups": "Outcome by group",
    "unplaced": "Students without a place",
    "explanations": "Reasons, of a few students at least",
}
"""Pages that whoever approves has opened, and what they are."""
_MOST: Final = 2000
"""Characters of a comment."""
_NOTE = """
    INSERT INTO run_look (run_id, hub_id, staff_id, page)
    VALUES ($1, $2, $3, $4)
        ON CONFLICT (run_id, staff_id, page) DO UPDATE SET last_at = now(), times = run_look.times + 1
"""
_LIST = """
    SELECT k.staff_id, s.name, k.page, k.first_at, k.last_at, k.times
      FROM run_look k
      JOIN staff s ON s.staff_id = k.staff_id
     WHERE k.run_id = $1
     ORDER BY k.first_at, k.staff_id, k.page
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One page of a run that a person opened."""

    staff_id: UUID
    name: str
    page: str
    first_at: datetime
    last_at: datetime
    times: int


async def note_look(conn: Conn, run: Run, by: Principal, page: str) -> None:
    """Note that a person was shown a page of a run."""
    await conn.execute(_NOTE, run.run_id, run.hub_id, by.staff_id, page)


async def load_looks(conn: Conn, run_id: RunId) -> list[Look]:
    """Read which pages of a run were opened by whom, first one first."""
    return [Look(**dict(row)) for row in await conn.fetch(_LIST, run_id)]


def missing(looks: Sequence[Look], staff_id: UUID) -> list[str]:
    """List the pages that a person has still to open before they may approve."""
    seen = {look.page for look in looks if look.staff_id == staff_id}
    return [page for page in NEEDED if page not in seen]


def before(looks: Sequence[Look], staff_id: UUID, at: datetime) -> list[Look]:
    """List the pages that a person had opened before a moment: what their approval rests on."""
    return [look for look in looks if look.staff_id == staff_id and look.first_at <= at]


async def approve_after_looking(
    tx: Transaction, run_id: RunId, *, by: Principal, comment: str, sure: bool, demo: bool
) -> Run:
    """Let a person at the pages approve a solved run that they have looked at, and say why.

    Raises:
        Invalid: a page was not opened, the comment is blank or too long, or the person is not sure.
        RunNotKnown, RunNotSolved, NeedsPerson, ApprovedAlready: as ``approve``.
    """
    found = [
        Finding(f"open this page first: {NEEDED[page]}", code="not_looked_at", field=f"look-{page}")
        for page in missing(await load_looks(tx.conn, run_id), by.staff_id)
    ]
    if not comment:
        found.append(Finding("say in a sentence what your approval rests on", code="missing", field="comment"))
    if len(comment) > _MOST:
        found.append(Finding(f"use at most {_MOST:,} characters", code="too_long", field="comment"))
    if not sure:
        found.append(Finding("say that you have looked at these pages and answer for it", code="missing", field="sure"))
    if found:
        raise Invalid("there is a problem", found)
    return await approve(tx, run_id, by=by, comment=comment, demo=demo)
