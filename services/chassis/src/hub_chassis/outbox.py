"""Facts staged in the caller's transaction; the relay publishes them after the commit.

Rows are written in one statement at the end of the transaction, while its locks are still held: the ids of one
subject therefore grow in the order its changes were made, provided that the use case locks its subject (it should).
The row's id is the envelope's ``seq``; it is known only then, so the relay writes it into the message.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub_chassis import correlation, tracing
from hub_chassis.conn import Conn
from hub_chassis.errors import FactTooLarge, NoHub
from hub_schemas.envelope import Envelope, Fact
from hub_schemas.ids import HubId, new_id

CHANNEL = "hub_outbox"
MAX_BYTES = 900_000
"""Below what a broker takes by default (1 MiB with everything around it)."""

_STAGE = """
    INSERT INTO outbox (topic, key, payload)
    SELECT topic, key, payload
      FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY AS staged (topic, key, payload, place)
     ORDER BY place
"""
_NOTIFY = "SELECT pg_notify($1, '')"

Row = tuple[str, str, bytes]


class Outbox:
    """The facts of one transaction, in order."""

    def __init__(self, *, source: str, hub_id: HubId | None, cause: Envelope[Any] | None) -> None:
        self.source = source
        self._hub_id = hub_id
        self._cause = cause
        self.rows: list[Row] = []

    async def add(self, fact: Fact, *, hub_id: HubId | None = None, key: str | None = None) -> UUID:
        """Stage one fact; gives its envelope's id. Raises NoHub when neither the transaction nor the call names a hub.

        ``key`` replaces the Kafka key made of hub and subject. Raises FactTooLarge for what Kafka would not take.
        """
        return self._stage(fact, hub_id, key)

    async def add_many(self, facts: Iterable[Fact], *, hub_id: HubId | None = None) -> list[UUID]:
        """Stage facts in the given order (chunks of a large table, say); gives their envelopes' ids."""
        return [self._stage(fact, hub_id) for fact in facts]

    def _stage(self, fact: Fact, hub_id: HubId | None, key: str | None = None) -> UUID:
        hub = hub_id or self._hub_id
        if hub is None:
            raise NoHub(f"{type(fact).__name__} is staged without a hub")
        envelope = Envelope[Any].model_construct(
            id=new_id(),
            type=type(fact).__name__,
            version=fact.version,
            source=self.source,
            time=datetime.now(UTC),
            hub_id=hub,
            subject=fact.subject,
            seq=0,
            correlation_id=self._cause.correlation_id if self._cause else correlation.current_or_new(),
            causation_id=self._cause.id if self._cause else None,
            data=fact,
        )
        payload = envelope.model_dump_json(exclude={"seq"}).encode()
        if len(payload) > MAX_BYTES:
            raise FactTooLarge(type(fact).__name__, len(payload))
        tracing.note_fact(envelope.type, envelope.id, correlation_id=envelope.correlation_id)
        self.rows.append((fact.topic, key or envelope.key, payload))
        return envelope.id


def with_seq(payload: bytes, seq: int) -> bytes:
    """Put the row's id into the staged JSON object as ``seq``."""
    return b'{"seq":%d,' % seq + payload[1:]


async def flush(conn: Conn, rows: list[Row]) -> None:
    """Write staged rows in order and wake the relay when (and only if) the transaction commits."""
    if not rows:
        return
    topics, keys, payloads = zip(*rows, strict=True)
    await conn.execute(_STAGE, list(topics), list(keys), list(payloads))
    await conn.execute(_NOTIFY, CHANNEL)
    rows.clear()
