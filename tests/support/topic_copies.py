"""Whole topics as lists of records: read to their end, written again, waited for."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


@dataclass(frozen=True)
class Copy:
    """One record, as it was written."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


async def read(bootstrap: str, topics: Iterable[str]) -> list[Copy]:
    """Every record of the topics up to their ends at this moment, partition by partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = await _partitions(bootstrap, topics)
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        found: list[Copy] = []
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for part, records in (await consumer.getmany(timeout_ms=500)).items():
                found += [
                    Copy(part.topic, record.key, record.value, tuple(record.headers))
                    for record in records
                    if record.offset < ends[part]
                ]
        return found
    finally:
        await consumer.stop()


async def write(bootstrap: str, copies: Sequence[Copy], *, prefix: str = "") -> None:
    """Write records in the given order, one after the other."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for copy in copies:
            await producer.send(prefix + copy.topic, copy.value, key=copy.key, headers=list(copy.headers))
        await producer.flush()
    finally:
        await producer.stop()


def twice_in_disorder(copies: Sequence[Copy], *, seed: int) -> list[Copy]:
    """Every record twice, in an order that has nothing to do with the one it was written in."""
    doubled = [*copies, *copies]
    random.Random(seed).shuffle(doubled)  # noqa: S311 - disorder, not secrecy
    return doubled


async def until_read(bootstrap: str, group: str, topics: Iterable[str], *, timeout_s: float = 60.0) -> None:
    """Wait until a consumer group has committed up to the ends of the topics; raises TimeoutError."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await consumer.start()
    await admin.start()
    try:
        parts = await _partitions(bootstrap, topics)
        ends = await consumer.end_offsets(parts)
        async with asyncio.timeout(timeout_s):
            while True:
                done = await admin.list_consumer_group_offsets(group)
                if all(ends[part] == 0 or (part in done and done[part].offset >= ends[part]) for part in parts):
                    return
                await asyncio.sleep(0.2)
    finally:
        await consumer.stop()
        await admin.close()


async def _partitions(bootstrap: str, topics: Iterable[str]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    return [TopicPartition(topic["topic"], part["partition"]) for topic in found for part in topic["partitions"]]
