"""The ledger as a process of its own: note each slot, answer with a fact."""

from hub_chassis.handlers import Handlers
from hub_chassis.service import Service
from hub_chassis.settings import Settings
from hub_chassis.transaction import Transaction
from hub_schemas import topics
from hub_schemas.events.entries import EmployerVerified, SlotPublished
from hub_schemas.ids import EmployerId
from tests.integration.chassis.support import PACKAGE

handlers = Handlers("ledger")


@handlers.consume(topics.ENTRIES, SlotPublished)
async def note(event: SlotPublished, tx: Transaction) -> None:
    """Note the slot and say so."""
    await tx.conn.execute(
        "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
    )
    await tx.outbox.add(EmployerVerified(employer_id=EmployerId(event.slot_id)))


if __name__ == "__main__":
    Service(Settings.load_or_exit(), package=PACKAGE, handlers=handlers).run()
