"""One database transaction as handlers and use cases see it: a connection, a hub, a cause, an outbox."""

from collections.abc import Mapping
from typing import Any

from hub_chassis.conn import Conn
from hub_chassis.outbox import Outbox
from hub_schemas.envelope import Envelope
from hub_schemas.ids import HubId

HUB_SETTING = "hub.hub_id"

_SCOPE = "SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS scope (name, value)"


class Transaction:
    """Handed to handlers and use cases; whoever opened it commits it.

    Row-level security reads the scope by ``nullif(current_setting('hub.hub_id', true), '')``: a setting made with
    ``set_config(…, true)`` ends with the transaction, but from then on reads ``''`` and not NULL on that connection.
    """

    def __init__(self, conn: Conn, *, source: str, hub_id: HubId | None, cause: Envelope[Any] | None = None) -> None:
        self.conn = conn
        self.hub_id = hub_id
        self.cause = cause
        self.outbox = Outbox(source=source, hub_id=hub_id, cause=cause)


async def set_scope(conn: Conn, *, hub_id: HubId | None, scope: Mapping[str, str] | None = None) -> None:
    """Set what row-level security sees, until the transaction ends; no hub and no scope set nothing (fails closed)."""
    values = dict(scope or {})
    if hub_id is not None:
        values[HUB_SETTING] = str(hub_id)
    if values:
        await conn.execute(_SCOPE, list(values), list(values.values()))
