"""Sends outbox rows to Kafka: acks=all, idempotent, one batch in flight per partition, so that order holds.

An idempotent aiokafka producer never gives a message up: it tries until the broker is back. Whoever waits decides when
to stop waiting.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from hub_chassis import telemetry, tracing
from hub_chassis.kafka_security import client_options
from hub_chassis.outbox import with_seq
from hub_chassis.settings import Settings

MAX_REQUEST_BYTES = 1_048_576
"""The broker's default for a batch (message.max.bytes)."""
BATCH_BYTES = MAX_REQUEST_BYTES - 4096
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 2.0

_partition = DefaultPartitioner()
_CONTEXT = re.compile(rb'\{"id":"([0-9a-f-]{36})"[^{}]{0,600}"correlation_id":"([0-9a-f-]{36})"')
"""Both ids of a staged envelope, without reading the rest of it."""


class Unsent(NamedTuple):
    """A row of the outbox."""

    id: int
    topic: str
    key: str
    payload: bytes


class Publisher:
    """A producer, and the ids of the rows whose arrival the broker has confirmed."""

    def __init__(self, producer: AIOKafkaProducer, *, prefix: str) -> None:
        self._producer = producer
        self._prefix = prefix
        self._sent: list[int] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> "AsyncIterator[Publisher]":
        """Connect; raises aiokafka's KafkaConnectionError or TimeoutError when no broker answers."""
        producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap.split(","),
            client_id=f"hub-{settings.service}-relay",
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            request_timeout_ms=10_000,
            metadata_max_age_ms=15_000,
            **client_options(settings),
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await producer.start()
            yield cls(producer, prefix=settings.topic_prefix)
        finally:
            await _close(producer)

    def take_sent(self) -> list[int]:
        """Hand over the confirmed ids and forget them."""
        sent, self._sent = self._sent, []
        return sent

    async def send(self, rows: Sequence[Unsent]) -> None:
        """Send rows, partitions side by side, each in the given order; raises if any failed.

        ``take_sent`` then has the rows that did arrive: none after a failed one of the same partition.
        """
        by_topic: dict[str, list[Unsent]] = defaultdict(list)
        for row in rows:
            by_topic[row.topic].append(row)
        await _all(*(self._send_topic(topic, waiting) for topic, waiting in by_topic.items()))

    async def _send_topic(self, topic: str, rows: Sequence[Unsent]) -> None:
        partitions = sorted(await self._producer.partitions_for(self._prefix + topic))
        by_partition: dict[int, list[Unsent]] = defaultdict(list)
        for row in rows:
            by_partition[_partition(row.key.encode(), partitions, partitions)].append(row)
        await _all(*(self._in_order(topic, partition, waiting) for partition, waiting in by_partition.items()))

    async def _in_order(self, topic: str, partition: int, rows: Sequence[Unsent]) -> None:
        first = 0
        while first < len(rows):
            batch = self._producer.create_batch()
            last = first
            while last < len(rows) and _append(batch, rows[last]):
                last += 1
            batch.close()
            confirmed = await self._producer.send_batch(batch, self._prefix + topic, partition=partition)
            await confirmed
            self._sent.extend(row.id for row in rows[first:last])
            telemetry.RELAY_SENT.labels(topic).inc(last - first)
            first = last


def _append(batch: Any, row: Unsent) -> bool:
    value, headers = with_seq(row.payload, row.id), _headers(row.payload)
    return batch.append(key=row.key.encode(), value=value, timestamp=None, headers=headers) is not None


def _headers(payload: bytes) -> list[tuple[str, bytes]]:
    """The W3C context, for readers that know nothing of our envelopes."""
    found = _CONTEXT.match(payload)
    if found is None:
        return []
    envelope_id, correlation_id = (UUID(part.decode()) for part in found.groups())
    return [(tracing.HEADER, tracing.traceparent(correlation_id, tracing.span_id_of(envelope_id)).encode())]


async def _all(*sends: Any) -> None:
    """Let every send come to its end (one missing topic must not hold up the others), then raise the first error."""
    for result in await asyncio.gather(*sends, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def _close(producer: AIOKafkaProducer) -> None:
    """Close at once if all is confirmed; otherwise abandon what is in flight: it is unsent in the outbox still.

    ``AIOKafkaProducer.stop`` alone would wait for the broker for ever, and cancelled it leaves its sender running.
    """
    stopping = asyncio.ensure_future(producer.stop())
    await asyncio.wait({stopping}, timeout=STOP_TIMEOUT_S)
    if stopping.done():
        return
    stopping.cancel()
    sender = producer._sender.sender_task
    if sender is not None:
        sender.cancel()
    closing = asyncio.ensure_future(producer.client.close())
    await asyncio.wait({stopping, closing, *([sender] if sender else [])}, timeout=STOP_TIMEOUT_S)
