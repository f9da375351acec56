"""Records that can't be handled: kept in a table, mirrored to a topic, their key parked until somebody decides."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from hub_chassis.outbox import Outbox
from hub_chassis.record import Received
from hub_schemas.events.dead_letters import DeadLettered
from hub_schemas.ids import HubId

if TYPE_CHECKING:
    from hub_chassis.database import Conn

Reason = Literal["unreadable", "permanent", "parked"]

_KEEP = """
    INSERT INTO dead_letter (topic, key, partition, "offset", written_at, reason, error, headers, value)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT DO NOTHING
    RETURNING id
"""
_PARK = "INSERT INTO parked_key (topic, key) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_PARKED = """
    SELECT topic, key
      FROM parked_key
     WHERE (topic, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
     ORDER BY topic, key
       FOR SHARE
"""
_OPEN = "SELECT count(*) FROM dead_letter WHERE settled_at IS NULL AND reason <> 'parked'"


async def keep(conn: "Conn", record: Received, *, reason: Reason, error: str, detail: str, outbox: Outbox) -> None:
    """Keep a record as a dead letter, park its key and, unless it is only parked, mirror it to the topic.

    Args:
        conn: in the transaction that claimed the record.
        record: what could not be handled.
        reason: "parked" when only an earlier record of its key failed.
        error: for the table, in full.
        detail: for the topic, which anyone may read: nothing personal.
        outbox: stages the mirror.
    """
    kept = await conn.fetchval(
        _KEEP,
        record.topic,
        record.key,
        record.partition,
        record.offset,
        record.written_at,
        reason,
        error,
        record.headers,
        record.value,
    )
    if kept is None or reason == "parked":
        return
    if record.key is not None:
        await conn.execute(_PARK, record.topic, record.key)
    mirror = _mirror(record, source=outbox.source, reason=reason, detail=detail)
    await outbox.add(mirror, hub_id=_hub(record), key=record.key)


async def parked(conn: "Conn", records: Sequence[Received]) -> set[tuple[str, str]]:
    """Which (topic, key) of these records are parked; holds them so until the transaction ends."""
    keys = sorted({(record.topic, record.key) for record in records if record.key is not None})
    rows = await conn.fetch(_PARKED, [topic for topic, _ in keys], [key for _, key in keys])
    return {(row["topic"], row["key"]) for row in rows}


async def count_open(conn: "Conn") -> int:
    """Dead letters that wait for a decision, not counting what is parked behind them."""
    return int(await conn.fetchval(_OPEN))


def _mirror(record: Received, *, source: str, reason: Reason, detail: str) -> DeadLettered:
    """The message for operators; the record itself stays in the table (it may hold anything)."""
    return DeadLettered(
        service=source,
        original_topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        original_key=record.key or "",
        reason="unreadable" if reason == "unreadable" else "rejected",
        detail=detail,
    )


def _hub(record: Received) -> HubId:
    """The hub in the record's key; all zeros when it names none."""
    try:
        return HubId(UUID((record.key or "").partition(":")[0]))
    except ValueError:
        return HubId(UUID(int=0))
