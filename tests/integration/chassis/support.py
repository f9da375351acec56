"""The ledger: settings, pools and facts for the chassis' tests, and a look at both servers from outside."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from hub_chassis.consumer import Consumer
from hub_chassis.database import Database, prepare
from hub_chassis.handlers import Handlers
from hub_chassis.migrations import role_name, upgrade
from hub_chassis.relay import Relay
from hub_chassis.settings import Settings
from hub_chassis.transaction import Transaction
from hub_schemas import topics
from hub_schemas.envelope import Envelope, Fact
from hub_schemas.events.entries import EmployerVerified, SlotPublished
from hub_schemas.ids import EmployerId, HubId, ProgrammeId, SlotId, new_id
from tests.support.databases import FreshDatabase

PACKAGE = "tests.integration.chassis.hub_ledger"
WORKER = role_name(PACKAGE, "worker")
APP = role_name(PACKAGE, "app")
PATIENCE_S = 60.0


def migrate(database: FreshDatabase) -> None:
    """Bring a database to the ledger's schema."""
    upgrade(database.owner_url, package=PACKAGE)


class Ledger:
    """One test's database and topics."""

    def __init__(self, database: FreshDatabase, *, bootstrap: str, prefix: str) -> None:
        self.database = database
        self.bootstrap = bootstrap
        self.prefix = prefix

    def settings(self, **changes: Any) -> Settings:
        """Settings of the ledger service, as the environment would give them."""
        values: dict[str, Any] = {
            "service": "ledger",
            "database_url": self.database.url,
            "kafka_bootstrap": self.bootstrap,
            "topic_prefix": self.prefix,
            "demo": True,
            "http_port": 0,
        }
        return Settings(**(values | changes))

    @asynccontextmanager
    async def open(self, *, role: str = WORKER, **changes: Any) -> AsyncIterator[Database]:
        """Open a pool as one of the service's roles."""
        async with Database.open(self.settings(**changes), role=role) as db:
            yield db

    async def ask(self, query: str, *args: Any) -> list[dict[str, Any]]:
        """Look into the database past row-level security."""
        conn = await asyncpg.connect(self.database.owner_url, timeout=10)
        try:
            await prepare(conn)
            return [dict(row) for row in await conn.fetch(query, *args)]
        finally:
            await conn.close()

    async def one(self, query: str, *args: Any) -> Any:
        """The first column of the first row."""
        return next(iter((await self.ask(query, *args))[0].values()))

    async def capacities(self) -> list[int]:
        """What the ledger noted, in order."""
        return [row["capacity"] for row in await self.ask("SELECT capacity FROM note ORDER BY place")]

    async def send(self, *messages: tuple[str | None, bytes], topic: str = topics.ENTRIES, **more: Any) -> None:
        """Put raw messages (key, value) on a topic, in order."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True)
        await producer.start()
        try:
            for key, value in messages:
                await producer.send(self.prefix + topic, value, key=key.encode() if key else None, **more)
        finally:
            await producer.stop()

    async def read(self, topic: str, *, at_least: int, quiet_s: float = 0.0) -> list[Any]:
        """Read a topic from its beginning until there are so many messages (and none more for ``quiet_s``)."""
        consumer = AIOKafkaConsumer(
            self.prefix + topic, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        found: list[Any] = []
        try:
            end = time.monotonic() + PATIENCE_S
            while len(found) < at_least:
                assert time.monotonic() < end, f"{len(found)} of {at_least} messages on {topic}"
                found += [m for part in (await consumer.getmany(timeout_ms=200)).values() for m in part]
            if quiet_s:
                found += [m for part in (await consumer.getmany(timeout_ms=int(quiet_s * 1000))).values() for m in part]
        finally:
            await consumer.stop()
        return found

    @asynccontextmanager
    async def consuming(self, handlers: Handlers, **changes: Any) -> AsyncIterator[Consumer]:
        """Run a consumer; on leaving it finishes its batch and goes."""
        async with self.open(**changes) as db:
            consumer = Consumer(self.settings(**changes), db=db, handlers=handlers)
            stop = asyncio.Event()
            running = asyncio.create_task(consumer.run(stop))
            try:
                yield consumer
            finally:
                stop.set()
                await asyncio.wait_for(running, 60)

    @asynccontextmanager
    async def relaying(self, **changes: Any) -> AsyncIterator[Relay]:
        """Run a relay; on leaving it sends what is staged and goes."""
        relay = Relay(self.settings(**changes), role=WORKER)
        stop = asyncio.Event()
        running = asyncio.create_task(relay.run(stop))
        try:
            yield relay
        finally:
            stop.set()
            await asyncio.wait_for(running, 60)

    async def stage(self, *facts: Fact) -> None:
        """Stage facts in one transaction of the app."""
        async with self.open(role=APP) as db, db.transaction(hub_id=hub()) as tx:
            await tx.outbox.add_many(facts)


async def until(condition: Callable[[], Awaitable[bool]], *, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so; fails if it never comes."""
    end = time.monotonic() + patience_s
    while not await condition():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.05)


def hub(number: int = 1) -> HubId:
    """A hub's id."""
    return HubId(uuid.UUID(int=number))


def slot(number: int) -> SlotId:
    """A slot's id."""
    return SlotId(uuid.UUID(int=1000 + number))


def published(slot_id: SlotId, capacity: int) -> SlotPublished:
    """A slot is offered with so many seats; a state that replaces the one before."""
    one = uuid.UUID(int=7)
    return SlotPublished(slot_id=slot_id, employer_id=EmployerId(one), programme_id=ProgrammeId(one), capacity=capacity)


def verified(number: int) -> EmployerVerified:
    """An employer was checked; a fact that replaces nothing."""
    return EmployerVerified(employer_id=EmployerId(uuid.UUID(int=number)))


def message(fact: Fact, *, seq: int = 1, hub_id: HubId | None = None, **changes: Any) -> tuple[str, bytes]:
    """A fact as another service's relay would put it on the topic: key and value."""
    values = {
        "id": new_id(),
        "type": type(fact).__name__,
        "version": 1,
        "source": "registry",
        "time": "2026-01-05T09:00:00Z",
        "hub_id": hub_id or hub(),
        "subject": fact.subject,
        "seq": seq,
        "correlation_id": new_id(),
        "data": fact,
    }
    envelope = Envelope[Any].model_validate(values | changes)
    return envelope.key, envelope.model_dump_json().encode()


def noting(calls: list[int] | None = None) -> Handlers:
    """Handlers that note each published slot and answer with EmployerVerified on the notices' behalf."""
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def note(event: SlotPublished, tx: Transaction) -> None:
        if calls is not None:
            calls.append(event.capacity)
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )

    return handlers
