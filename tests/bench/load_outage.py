"""How long the registry takes to catch up after it was away for an hour, beside a bare consumer of the same records.

The hour is modelled by what waits when it comes back: 12,000 events, which is all that a region's whole round states
(deploy/scaling.md) and so more than any hour of it. They are NoticeSent facts about a published run, as the notifier
writes them; the registry enters each in its ledger.
"""

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from hub_deploy.demo.story import Story
from hub_deploy.stack.stack import Stack
from hub_schemas import topics
from hub_schemas.events.notices import NoticeSent
from hub_schemas.ids import HubId, NoticeId, RoundId, RunId, new_id
from tests.bench.figures import Figure, Yardstick
from tests.bench.lag import Lag
from tests.integration.chassis.support import message
from tests.support.stacks import Rows

EVENTS: Final = 12_000
LONGEST_S: Final = 300.0


def measure(stack: Stack, story: Story, *, events: int = EVENTS) -> list[Figure]:
    """Stop the registry, let events pile up, start it again.

    Args:
        stack: running, with a round that has been published.
        story: that round.
        events: how many wait.
    """
    rows = Rows(stack, "registry")
    before = rows.one("SELECT count(*) FROM notice")
    hub_id = HubId(rows.one("SELECT hub_id FROM run WHERE run_id = %s", story.run["run_id"]))
    stack.registry.stop()
    made = [message(_sent(story), hub_id=hub_id, source="notifier") for _ in range(events)]
    waiting = asyncio.run(_pile_up(stack.kafka.bootstrap, made))
    bare_s = asyncio.run(_bare(stack.kafka.bootstrap, waiting))
    began = time.perf_counter()
    stack.registry.launch()
    first_s, last_s = asyncio.run(_caught_up(stack.kafka.bootstrap, began, waiting, events))
    stack.registry.wait()
    entered = rows.one("SELECT count(*) FROM notice") - before
    if entered != events:
        raise AssertionError(f"{entered} of {events} events are in the ledger")
    bare = Yardstick("bare aiokafka reads the same", events / bare_s)
    return [
        Figure(f"back after an hour's outage, {events:,} events waiting: no lag after", last_s, "s"),
        Figure("  of that, until it began to consume", first_s, "s"),
        Figure("events while it catches up after the outage", events / (last_s - first_s), "per s", beside=bare),
    ]


def _sent(story: Story) -> NoticeSent:
    return NoticeSent(
        notice_id=NoticeId(new_id()),
        round_id=RoundId(uuid.UUID(story.round_id)),
        run_id=RunId(uuid.UUID(story.run["run_id"])),
        recipient_kind="adviser",
        recipient_id=str(new_id()),
        sent_at=datetime.now(UTC),
    )


async def _pile_up(bootstrap: str, made: list[tuple[str, bytes]]) -> int:
    """Write the events; gives how many records the topic has."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=500_000)
    await producer.start()
    try:
        for key, value in made:
            await producer.send(topics.NOTICES, value, key=key.encode())
        await producer.flush()
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(topics.NOTICES, bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        parts = [TopicPartition(topics.NOTICES, part) for part in consumer.partitions_for_topic(topics.NOTICES) or ()]
        return sum((await consumer.end_offsets(parts)).values())
    finally:
        await consumer.stop()


async def _bare(bootstrap: str, records: int) -> float:
    """Seconds that a bare consumer takes for all of the topic, its joining not counted."""
    consumer = AIOKafkaConsumer(
        topics.NOTICES,
        bootstrap_servers=bootstrap,
        group_id="bench.bare",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    count, began = 0, 0.0
    await consumer.start()
    try:
        while count < records:
            found = await consumer.getmany(timeout_ms=500, max_records=500)
            began = began or time.perf_counter()
            count += sum(map(len, found.values()))
            if found:
                await consumer.commit()
    finally:
        await consumer.stop()
    return time.perf_counter() - began


async def _caught_up(bootstrap: str, began: float, waiting: int, events: int) -> tuple[float, float]:
    """Seconds from ``began`` until the group commits the first of the events, and until none is left."""
    async with Lag(bootstrap, group="registry", topics=[topics.NOTICES]) as lag, asyncio.timeout(LONGEST_S):
        await lag.reaches(waiting - events + 1)
        first_s = time.perf_counter() - began
        await lag.reaches(waiting)
        return first_s, time.perf_counter() - began
