"""What a record does: the handler's writes and the facts it stages, inside somebody's transaction."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.trace import SpanKind
from opentelemetry.util.types import Attributes

from hub_chassis import correlation, outbox, tracing
from hub_chassis.database import Conn
from hub_chassis.handlers import Taken, Wanted
from hub_chassis.transaction import Transaction, set_scope
from hub_schemas.envelope import Envelope
from hub_schemas.ids import HubId


async def take(
    conn: Conn, envelopes: Sequence[Envelope[Any]], wanted: Wanted, *, source: str, scoped: HubId | None
) -> list[outbox.Row]:
    """Handle envelopes of one hub; gives the rows they staged, in order, which the caller writes.

    Args:
        conn: in a transaction, with the envelopes' ids claimed.
        envelopes: what to handle, oldest first; several only if the handler takes them together.
        wanted: their handler.
        source: this service's name, for the facts it stages.
        scoped: the hub that row-level security sees already, if any.
    """
    first = envelopes[0]
    if scoped != first.hub_id:
        await set_scope(conn, hub_id=first.hub_id)
    taken = [Taken(each.data, Transaction(conn, source=source, hub_id=each.hub_id, cause=each)) for each in envelopes]
    what: Attributes = {
        "hub.hub_id": str(first.hub_id),
        "hub.subject": first.subject,
        "messaging.batch.message_count": len(taken),
    }
    with (
        correlation.correlated(first.correlation_id),
        tracing.span(f"{first.type} handled", SpanKind.CONSUMER, cause=first.id, attributes=what),
    ):
        await wanted.handle(taken)
    return [row for each in taken for row in each.tx.outbox.rows]
