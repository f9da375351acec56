"""Matching on real servers: its database, its topics, the service in this process or in one of its own."""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from hub_chassis.database import Database, prepare
from hub_chassis.handlers import Taken
from hub_chassis.migrations import role_name, upgrade
from hub_deploy.embedded.process import free_port
from hub_matching.handlers import handlers
from hub_matching.main import build
from hub_matching.settings import MatchingSettings
from hub_schemas import topics
from hub_schemas.catalogue import parse
from hub_schemas.envelope import AnyEnvelope, Envelope, Fact
from hub_schemas.events.run_results import ResultChunk
from hub_schemas.ids import HubId, RunId, new_id
from tests.support.databases import FreshDatabase

WORKER = role_name("hub_matching", "worker")
PATIENCE_S = 90.0
HUB = HubId(new_id())


def migrate(database: FreshDatabase) -> None:
    """Bring a database to matching's schema."""
    upgrade(database.owner_url, package="hub_matching")


class Matching:
    """One test's database and topics."""

    def __init__(self, database: FreshDatabase, *, bootstrap: str, prefix: str) -> None:
        self.database = database
        self.bootstrap = bootstrap
        self.prefix = prefix

    def settings(self, **changes: Any) -> MatchingSettings:
        """Settings of the service; leases and pauses short, so that tests need not wait for long ones."""
        values: dict[str, Any] = {
            "database_url": self.database.url,
            "kafka_bootstrap": self.bootstrap,
            "topic_prefix": self.prefix,
            "demo": True,
            "http_port": 0,
            "solver_poll_s": 0.05,
            "solver_heartbeat_s": 0.2,
            "solver_retry_s": 0.0,
            "solver_prewarmed": 0,  # an idle process costs two seconds of a core for nothing
        }
        return MatchingSettings(**(values | changes))

    @asynccontextmanager
    async def open(self, **changes: Any) -> AsyncIterator[Database]:
        """Open a pool as the service's workers do."""
        async with Database.open(self.settings(**changes), role=WORKER) as db:
            yield db

    async def ask(self, query: str, *args: Any) -> list[dict[str, Any]]:
        """Look into the database."""
        conn = await asyncpg.connect(self.database.owner_url, timeout=10)
        try:
            await prepare(conn)
            return [dict(row) for row in await conn.fetch(query, *args)]
        finally:
            await conn.close()

    async def one(self, query: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        rows = await self.ask(query, *args)
        return next(iter(rows[0].values())) if rows else None

    async def state(self, run_id: RunId) -> Any:
        """Where a run stands."""
        return await self.one("SELECT state FROM run WHERE run_id = $1", run_id)

    async def send(self, *facts: Fact, hub_id: HubId = HUB) -> None:
        """Publish facts as the registry's relay would, in order."""
        await self.send_envelopes(*(enveloped(fact, hub_id=hub_id) for fact in facts))

    async def send_envelopes(self, *envelopes: AnyEnvelope) -> None:
        """Publish messages as they are, the same one twice if so asked."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True)
        await producer.start()
        try:
            for envelope in envelopes:
                await producer.send(
                    self.prefix + envelope.data.topic, envelope.model_dump_json().encode(), key=envelope.key.encode()
                )
        finally:
            await producer.stop()

    async def handle(self, db: Database, *facts: Fact, hub_id: HubId = HUB) -> None:
        """Hand facts to their handlers, each in a transaction of its own, without Kafka between."""
        for fact in facts:
            envelope = enveloped(fact, hub_id=hub_id)
            wanted = handlers.find(fact.topic, type(fact))
            assert wanted is not None
            async with db.transaction(hub_id=hub_id, cause=envelope) as tx:
                await wanted.handle([Taken(fact, tx)])

    async def staged(self, *kinds: str) -> list[Any]:
        """Facts of these types (or all) that matching has staged, in order, whether sent or not."""
        rows = await self.ask("SELECT topic, payload FROM outbox ORDER BY id")
        found = [json.loads(row["payload"]) for row in rows]
        return [message["data"] for message in found if not kinds or message["type"] in kinds]

    async def staged_types(self) -> Counter[str]:
        """How many facts of each type matching has staged."""
        rows = await self.ask("SELECT payload FROM outbox ORDER BY id")
        return Counter(json.loads(row["payload"])["type"] for row in rows)

    async def received(self, topic: str, *, until: Callable[[list[AnyEnvelope]], bool]) -> list[AnyEnvelope]:
        """Read a topic from its beginning until what has come satisfies the condition."""
        consumer = AIOKafkaConsumer(
            self.prefix + topic, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        found: list[AnyEnvelope] = []
        try:
            end = time.monotonic() + PATIENCE_S
            while not until(found):
                assert time.monotonic() < end, f"only {Counter(each.type for each in found)} on {topic}"
                for part in (await consumer.getmany(timeout_ms=200)).values():
                    found += [parse(topic, message.value) for message in part]
        finally:
            await consumer.stop()
        return found

    async def ended(self, run_id: RunId) -> Any:
        """Wait for the fact that ends a run; gives its envelope."""
        ends = {"RunSolved", "RunFailed", "RunCancelled"}

        def of_run(found: list[AnyEnvelope]) -> list[AnyEnvelope]:
            return [each for each in found if each.type in ends and each.data.run_id == run_id]

        return of_run(await self.received(topics.RUNS, until=lambda found: bool(of_run(found))))[0]

    async def result(self, run_id: RunId, *, chunks: int) -> dict[str, list[tuple[str, ...]]]:
        """Read a run's result from its chunks: rows by part."""

        def mine(found: Sequence[AnyEnvelope]) -> list[ResultChunk]:
            return [each.data for each in found if each.data.run_id == run_id]

        found = mine(await self.received(topics.RUN_RESULTS, until=lambda all_: len(mine(all_)) >= chunks))
        rows: dict[str, list[tuple[str, ...]]] = {}
        for chunk in sorted(found, key=lambda each: each.index):
            rows.setdefault(chunk.part, []).extend(chunk.rows)
        return rows

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
        """Run the whole service in this process; gives a client of its HTTP side."""
        port = free_port()
        stop = asyncio.Event()
        serving = asyncio.create_task(build(self.settings(http_port=port, **changes)).serve(stop))
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                yield client
        finally:
            stop.set()
            assert await asyncio.wait_for(serving, 60) == 0

    @asynccontextmanager
    async def process(self, log: Path, **changes: Any) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run the whole service in a process of its own, which the test may kill."""
        settings = self.settings(http_port=free_port(), **changes)
        names = {*changes, "database_url", "kafka_bootstrap", "topic_prefix", "demo", "http_port"}
        names |= {"solver_poll_s", "solver_heartbeat_s", "solver_retry_s", "solver_prewarmed"}
        env = {f"HUB_{name.upper()}": str(getattr(settings, name)) for name in names}
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub_matching.main", env=os.environ | env, stdout=output, stderr=output
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def enveloped(fact: Fact, *, hub_id: HubId = HUB, seq: int = 1) -> AnyEnvelope:
    """Put a fact into an envelope of the registry's."""
    return Envelope[Any].model_validate(
        {
            "id": new_id(),
            "type": type(fact).__name__,
            "version": fact.version,
            "source": "registry",
            "time": "2027-01-05T09:00:00Z",
            "hub_id": hub_id,
            "subject": fact.subject,
            "seq": seq,
            "correlation_id": new_id(),
            "data": fact,
        }
    )


def solver_processes(of: int) -> list[psutil.Process]:
    """List the solver processes that a service, by its process id, has started and that have not ended."""
    found = []
    for child in psutil.Process(of).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if "hub_matching.solver.child" in child.cmdline():
                found.append(child)
    return found


async def idle_process(service_pid: int) -> psutil.Process:
    """Wait for a solver process that has OR-Tools loaded, and so has long asked to die with its service."""

    async def found() -> psutil.Process | None:
        for child in solver_processes(service_pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                if any("ortools" in each.path for each in child.memory_maps()):
                    return child
        return None

    process = await until(found)
    assert isinstance(process, psutil.Process)
    return process


async def until(condition: Callable[[], Awaitable[Any]], *, patience_s: float = PATIENCE_S) -> Any:
    """Wait until something is so; gives what the condition gave."""
    end = time.monotonic() + patience_s
    while not (found := await condition()):
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.05)
    return found
