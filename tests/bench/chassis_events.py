"""Events per second through the chassis (inbox, effect, outbox, relay) beside a bare aiokafka consumer's.

Run it with ``python -m tests.bench.chassis_events``; it starts its own PostgreSQL and Kafka, durable settings on.
"""

import asyncio
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from hub_chassis.consumer import Consumer
from hub_chassis.database import Database
from hub_chassis.handlers import Handlers, Taken
from hub_chassis.migrations import role_name, upgrade
from hub_chassis.relay import Relay
from hub_chassis.settings import Settings
from hub_chassis.transaction import Transaction
from hub_deploy.embedded import topics as embedded_topics
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.postgres import Postgres
from hub_schemas import topics
from hub_schemas.events.entries import EmployerVerified, SlotPublished
from hub_schemas.ids import EmployerId
from tests.integration.chassis.support import message, published, slot
from tests.support.databases import Databases
from tests.support.servers import PostgresServer

PACKAGE = "tests.integration.chassis.hub_ledger"
PREFIX = "bench."
EVENTS = 20_000
LONGEST_S = 300.0


def measure(events: int = EVENTS) -> dict[str, float]:
    """Measure on servers of its own.

    Returns:
        events: how many; bare_per_s: aiokafka reading and committing batches of 500, no parsing, no database;
        chassis_per_s: parse, inbox, one row of effect and one staged fact each, committed, by a handler that takes
        events together; chassis_single_per_s: the same with a statement for each event (a tenth as many events);
        relay_per_s: the staged facts published with acks=all and marked as sent; produce_per_s: a bare producer's,
        with the same guarantees; share: chassis_per_s / bare_per_s.
        The consumers' joining of their group is counted.
    """
    with Postgres(durable=True) as postgres, Kafka() as broker:
        return asyncio.run(_measure(events, postgres, broker))


async def _measure(events: int, postgres: Postgres, broker: Kafka) -> dict[str, float]:
    database = await Databases(PostgresServer(postgres.url(), "bench")).make()
    await asyncio.to_thread(upgrade, database.owner_url, package=PACKAGE)
    wanted = embedded_topics.prefixed(embedded_topics.load(), PREFIX, partitions=3)
    await embedded_topics.apply(broker.bootstrap, wanted)
    settings = Settings(
        service="ledger",
        database_url=database.url,
        kafka_bootstrap=broker.bootstrap,
        topic_prefix=PREFIX,
        demo=True,
    )
    produce_s = await fill(broker.bootstrap, make(events))
    bare_s = await _bare(broker.bootstrap, events)
    conn = await asyncpg.connect(database.owner_url)
    try:
        single_s = await _consume(settings, conn, _one_by_one(), events // 10) * 10
        chassis_s = await _consume(settings, conn, together(), events)
        relay_s = await _relay(settings, conn)
    finally:
        await conn.close()
    return {
        "events": events,
        "bare_per_s": events / bare_s,
        "chassis_per_s": events / chassis_s,
        "chassis_single_per_s": events / single_s,
        "relay_per_s": events / relay_s,
        "produce_per_s": events / produce_s,
        "share": bare_s / chassis_s,
    }


def make(events: int) -> list[tuple[str, bytes]]:
    """Make events, each about a slot of its own: key and value."""
    return [message(published(slot(number), 1000 + number), seq=number) for number in range(events)]


async def fill(bootstrap: str, made: Sequence[tuple[str, bytes]], *, prefix: str = PREFIX) -> float:
    """Put events on the topic with acks=all; gives the seconds it took."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=500_000, enable_idempotence=True
    )
    await producer.start()
    began = time.perf_counter()
    try:
        for key, raw in made:
            await producer.send(prefix + topics.ENTRIES, raw, key=key.encode())
        await producer.flush()
    finally:
        await producer.stop()
    return time.perf_counter() - began


async def _bare(bootstrap: str, events: int) -> float:
    consumer = AIOKafkaConsumer(
        PREFIX + topics.ENTRIES,
        bootstrap_servers=bootstrap,
        group_id="bench.bare",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    began, count = time.perf_counter(), 0
    await consumer.start()
    try:
        while count < events:
            records = await consumer.getmany(timeout_ms=500, max_records=500)
            count += sum(map(len, records.values()))
            if records:
                await consumer.commit()
    finally:
        await consumer.stop()
    return time.perf_counter() - began


async def _consume(
    settings: Settings, conn: "asyncpg.Connection[asyncpg.Record]", handlers: Handlers, events: int
) -> float:
    await conn.execute("TRUNCATE inbox, passed_seq, note, outbox")
    async with Database.open(settings, role=role_name(PACKAGE, "worker")) as db:
        consumer = Consumer(settings, db=db, handlers=handlers)
        began = time.perf_counter()
        return await _while(consumer.run, conn, "SELECT count(*) >= $1 FROM note", events) - began


def _one_by_one() -> Handlers:
    handlers = Handlers("one-by-one")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def note(event: SlotPublished, tx: Transaction) -> None:
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )
        await tx.outbox.add(EmployerVerified(employer_id=EmployerId(uuid.UUID(int=event.capacity))))

    return handlers


def together(group: str = "together") -> Handlers:
    """Handlers that note slots and state a fact for each, all of a batch by one statement."""
    handlers = Handlers(group)

    @handlers.consume_many(topics.ENTRIES, SlotPublished)
    async def note(taken: Sequence[Taken[SlotPublished]]) -> None:
        tx = taken[0].tx
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) SELECT $1, * FROM unnest($2::uuid[], $3::int[])",
            tx.hub_id,
            [each.event.slot_id for each in taken],
            [each.event.capacity for each in taken],
        )
        for each in taken:
            await each.tx.outbox.add(EmployerVerified(employer_id=EmployerId(uuid.UUID(int=each.event.capacity))))

    return handlers


async def _relay(settings: Settings, conn: "asyncpg.Connection[asyncpg.Record]") -> float:
    relay = Relay(settings, role=role_name(PACKAGE, "worker"))
    began = time.perf_counter()
    return await _while(relay.run, conn, "SELECT count(*) <= $1 FROM outbox WHERE sent_at IS NULL", 0) - began


async def _while(
    run: Callable[[asyncio.Event], Awaitable[None]],
    conn: "asyncpg.Connection[asyncpg.Record]",
    done: str,
    figure: int,
) -> float:
    """Run a part until the database says that it is done; gives that moment (stopping is not measured)."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(run(stop))
    async with asyncio.timeout(LONGEST_S):
        while not await conn.fetchval(done, figure):  # noqa: ASYNC110 -- looks at the database
            await asyncio.sleep(0.02)
    ended = time.perf_counter()
    stop.set()
    await running
    return ended


def main() -> None:
    """Print a table."""
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
    print(f"events                         {figures['events']:>10,.0f}")
    print(f"bare aiokafka consumer, per s  {figures['bare_per_s']:>10,.0f}")
    print(f"through the chassis, per s     {figures['chassis_per_s']:>10,.0f}   ({figures['share']:.0%} of bare)")
    print(f"  one statement per event      {figures['chassis_single_per_s']:>10,.0f}")
    print(f"relayed, per s                 {figures['relay_per_s']:>10,.0f}")
    print(f"bare aiokafka producer, per s  {figures['produce_per_s']:>10,.0f}")


if __name__ == "__main__":
    main()
