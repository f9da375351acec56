"""Use case of approval: two different people of the hub, the second not the first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import How, Principal, Role
from hub_registry.approvals import repository
from hub_registry.errors import ApprovedAlready, NeedsPerson
from hub_registry.runs import repository as runs
from hub_registry.runs.model import Run, RunState
from hub_schemas.ids import RunId, StaffId

NEEDED = 2


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a run, when, and what they said."""

    staff_id: StaffId
    name: str
    approved_at: datetime
    comment: str


async def approve(tx: Transaction, run_id: RunId, *, by: Principal, comment: str, demo: bool) -> Run:
    """Let one person approve a solved run; the second makes it approved.

    Raises:
        RunNotKnown, RunNotSolved: there is no such run, or it can't be approved now.
        NeedsPerson: outside demo mode a token approves nothing, nor does who showed no second factor.
        ApprovedAlready: this person approved it before.
    """
    run = await runs.lock_run(tx.conn, run_id)
    by.must_be(Role.HUB)
    if not demo:
        _must_be_a_person(by)
    run.check_solved()
    at = datetime.now(UTC)
    if not await repository.add_approval(tx.conn, run, by=by.staff_id, at=at, comment=comment):
        raise ApprovedAlready("you have approved this run already: the second approval is someone else's")
    approvals = await list_approvals(tx, run_id)
    if len(approvals) >= NEEDED:
        run = replace(run, state=RunState.APPROVED, approved_at=at)
        await runs.save_run(tx.conn, run)
    return run


def _must_be_a_person(by: Principal) -> None:
    if by.signed_in in {None, How.DEMO}:
        raise NeedsPerson("an approval is given by a person who is signed in; by token only in demo mode (HUB_DEMO)")
    if not by.second_factor:
        raise NeedsPerson("an approval takes more than a password: sign in again with a one-time code")


async def list_approvals(tx: Transaction, run_id: RunId) -> Sequence[Approval]:
    """Read a run's approvals, first one first."""
    rows = await repository.load_approvals(tx.conn, run_id)
    return [Approval(StaffId(row[0]), row[1], row[2], row[3]) for row in rows]
