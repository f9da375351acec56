"""The FastStream broker as measured to be safe: batches, nack on error, a parser that never raises."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.middlewares import AckPolicy

from hub_chassis.kafka_security import security
from hub_chassis.record import text
from hub_chassis.settings import Settings

Records = tuple["ConsumerRecord[Any, Any]", ...]
POLL_MS = 50
METADATA_MAX_AGE_MS = 15_000
FETCH_BYTES = 4_194_304
"""Of one partition at once: by default 1 MiB, which is two chunks of half a megabyte, and a commit for every two."""


async def tolerant(records: Records, original: Callable[[Records], Awaitable[Any]]) -> Any:
    """Parse a batch whose headers may be null or not UTF-8: FastStream's own parser loses such messages."""
    return await original(tuple(replace(record, headers=_readable(record.headers)) for record in records))


async def untouched(message: Any) -> Records:
    """Decode nothing: the records go to our own parser one by one."""
    records: Records = message.raw_message
    return records


def _readable(headers: Sequence[tuple[str, bytes | None]] | None) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, text(content).encode()) for name, content in headers or ())


def subscribe(
    settings: Settings, *, topics: Sequence[str], group: str, handle: Callable[[Records], Awaitable[None]]
) -> tuple[KafkaBroker, BatchSubscriber]:
    """Make a broker with one batch subscriber.

    Offsets are committed when ``handle`` returns; if it raises, the batch is delivered again.
    """
    broker = KafkaBroker(
        settings.kafka_bootstrap.split(","),
        client_id=f"hub-{settings.service}",
        security=security(settings),
        consumer_only=True,
        allow_auto_create_topics=False,
        graceful_timeout=settings.graceful_timeout_s,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        apply_types=False,
        logger=None,
    )
    subscriber = broker.subscriber(
        *(settings.topic_prefix + topic for topic in topics),
        batch=True,
        max_records=settings.consumer_batch,
        batch_timeout_ms=POLL_MS,
        group_id=settings.topic_prefix + group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_partition_fetch_bytes=FETCH_BYTES,
        no_reply=True,
        parser=tolerant,
        decoder=untouched,
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.session_timeout_ms // 10,
        max_poll_interval_ms=settings.max_poll_interval_ms,
    )
    subscriber(handle)
    return broker, subscriber
