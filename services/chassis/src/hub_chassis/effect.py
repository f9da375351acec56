"""What one record does: the handler's writes and the facts it stages, inside somebody's transaction."""

from typing import Any

from hub_chassis import correlation, outbox
from hub_chassis.database import Conn
from hub_chassis.handlers import Wanted
from hub_chassis.transaction import Transaction, set_scope
from hub_schemas.envelope import Envelope
from hub_schemas.ids import HubId


async def take(
    conn: Conn, envelope: Envelope[Any], wanted: Wanted, *, source: str, scoped: HubId | None
) -> list[outbox.Row]:
    """Handle one envelope; gives the rows it staged, which the caller writes.

    Args:
        conn: in a transaction, with the envelope's id claimed.
        envelope: what to handle.
        wanted: its handler.
        source: this service's name, for the facts it stages.
        scoped: the hub that row-level security sees already, if any.
    """
    if scoped != envelope.hub_id:
        await set_scope(conn, hub_id=envelope.hub_id)
    tx = Transaction(conn, source=source, hub_id=envelope.hub_id, cause=envelope)
    with correlation.correlated(envelope.correlation_id):
        await wanted.handle(envelope.data, tx)
    return tx.outbox.rows
