"""Sends outbox rows to Kafka: acks=all, idempotent, one batch in flight per partition, so that order holds."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from hub_chassis import telemetry
from hub_chassis.outbox import with_seq
from hub_chassis.settings import Settings

MAX_REQUEST_BYTES = 1024 * 1024
"""The broker's own default for a message; a fact may have 500 kB."""
STOP_TIMEOUT_S = 5.0

_partition = DefaultPartitioner()


class Unsent(NamedTuple):
    """A row of the outbox."""

    id: int
    topic: str
    key: str
    payload: bytes


class Publisher:
    """A producer and the ids of the rows whose arrival it has seen confirmed."""

    def __init__(self, producer: AIOKafkaProducer, *, prefix: str) -> None:
        self._producer = producer
        self._prefix = prefix
        self.sent: list[int] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> "AsyncIterator[Publisher]":
        """Connect; raises aiokafka's KafkaConnectionError when no broker answers."""
        producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap,
            client_id=f"hub-{settings.service}-relay",
            acks="all",
            enable_idempotence=True,
            max_batch_size=MAX_REQUEST_BYTES - 4096,
            max_request_size=MAX_REQUEST_BYTES,
            request_timeout_ms=10_000,
            metadata_max_age_ms=15_000,
        )
        try:
            await producer.start()
            yield cls(producer, prefix=settings.topic_prefix)
        finally:
            await _stop(producer)

    def take_sent(self) -> list[int]:
        """Hand over the confirmed ids and forget them."""
        sent, self.sent = self.sent, []
        return sent

    async def send(self, rows: Sequence[Unsent]) -> None:
        """Send rows, partitions side by side, each in the given order; raises on the first that fails.

        ``sent`` then has the rows that did arrive: none after a failed one of the same partition.
        """
        by_partition: dict[tuple[str, int], list[Unsent]] = defaultdict(list)
        for row in rows:
            by_partition[row.topic, await self._place(row)].append(row)
        async with asyncio.TaskGroup() as group:
            for (topic, partition), waiting in by_partition.items():
                group.create_task(self._in_order(topic, partition, waiting))

    async def _place(self, row: Unsent) -> int:
        partitions = sorted(await self._producer.partitions_for(self._prefix + row.topic))
        return int(_partition(row.key.encode(), partitions, partitions))

    async def _in_order(self, topic: str, partition: int, rows: Sequence[Unsent]) -> None:
        first = 0
        while first < len(rows):
            batch = self._producer.create_batch()
            last = first
            while last < len(rows) and _append(batch, rows[last]):
                last += 1
            if last == first:
                raise ValueError(f"outbox row {rows[first].id} is larger than a Kafka message may be")
            batch.close()
            confirmed = await self._producer.send_batch(batch, self._prefix + topic, partition=partition)
            await confirmed
            self.sent.extend(row.id for row in rows[first:last])
            telemetry.RELAY_SENT.labels(topic).inc(last - first)
            first = last


def _append(batch: object, row: Unsent) -> bool:
    value = with_seq(row.payload, row.id)
    return batch.append(key=row.key.encode(), value=value, timestamp=None) is not None  # type: ignore[attr-defined]


async def _stop(producer: AIOKafkaProducer) -> None:
    """Close without waiting long for a broker that is away: what is unsent stays in the outbox."""
    stopping = asyncio.ensure_future(producer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=STOP_TIMEOUT_S)
    if not done:
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=STOP_TIMEOUT_S)
