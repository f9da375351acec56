"""Use cases of choosing: one step on one student's list, as a person takes it."""

from datetime import UTC, datetime
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.errors import Invalid, RoundNotKnown, Stale
from hub_registry.preferences import repository
from hub_registry.preferences.ranking import MOST, Groups, act, groups_of, mark, parsed
from hub_registry.preferences.service import Ranked, put_student
from hub_registry.rounds.model import Round
from hub_schemas.ids import SlotId, StaffId, StudentId

STEPS = ("add", "remove", "up", "down", "tie")


async def list_of(tx: Transaction, round_: Round, student_id: StudentId) -> Groups:
    """Read a student's list."""
    return groups_of(await repository.load_of_student(tx.conn, round_.round_id, student_id))


async def step(
    tx: Transaction, round_: Round | None, student_id: StudentId, *, what: str, slot: str, by: StaffId
) -> Groups:
    """Take one step (``STEPS``) on a student's list; raises RoundNotOpen, StudentNotKnown, Invalid."""
    if what not in STEPS:
        raise Invalid("this is no step on a list of choices")
    stands = await list_of(tx, _known(round_), student_id)
    if what == "add" and sum(map(len, stands)) >= MOST:
        raise Invalid(f"a list has at most {MOST} slots: remove one first")
    return await _put(tx, _known(round_), student_id, act(stands, what, slot), stands=stands, by=by)


async def order(
    tx: Transaction, round_: Round | None, student_id: StudentId, text: str, *, was: str, by: StaffId
) -> Groups:
    """Let an order as ``ranking.written`` writes it stand; raises Stale when the list is another than it was."""
    stands = await list_of(tx, _known(round_), student_id)
    if was != mark(stands):
        raise Stale("somebody else changed this list meanwhile: it is shown as it stands now")
    return await _put(tx, _known(round_), student_id, parsed(text), stands=stands, by=by)


async def _put(
    tx: Transaction, round_: Round, student_id: StudentId, groups: Groups, *, stands: Groups, by: StaffId
) -> Groups:
    round_.check_takes_preferences(at=datetime.now(UTC))
    if groups == stands:
        return stands
    try:
        ranked = [Ranked(rank, SlotId(UUID(slot))) for rank, group in enumerate(groups, 1) for slot in group]
    except ValueError:
        raise Invalid("this is no slot of ours") from None
    return groups_of(await put_student(tx, round_.round_id, student_id, ranked, by=by))


def _known(round_: Round | None) -> Round:
    if round_ is None:
        raise RoundNotKnown("no round is open yet")
    return round_
