"""A student's priority with its evidence, for the school and the hub."""

from collections.abc import Mapping
from typing import Any

from hub_chassis.transaction import Transaction
from hub_registry.inputs import repository
from hub_registry.inputs.gather import histories, needs_of
from hub_registry.priority.evidence import Part, evidence
from hub_registry.priority.model import History
from hub_registry.rounds.model import Round
from hub_schemas.credit import credit


async def explain(tx: Transaction, round_: Round, student: Mapping[str, Any]) -> tuple[list[Part], int]:
    """Give what one student's priority in a round is made of, and the number."""
    who = str(student["student_id"])
    programme = await repository.load_programme(tx.conn, round_)
    past = await histories(tx.conn, round_)
    earned = credit(await repository.load_earlier_ranks(tx.conn, round_), round_.policy)
    return evidence(
        past.get(who, History()),
        needs=needs_of(meals=student["free_school_meals"], send=student["send_status"]),
        support_points=programme["support_points"],
        credit=earned.get(who, 0),
    )
