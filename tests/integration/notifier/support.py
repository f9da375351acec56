"""A notifier on real servers, as a process of its own, and builders of what it is told."""

import asyncio
import hashlib
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from hub_chassis.migrations import upgrade
from hub_deploy.embedded.process import Child, free_port, http_ok
from hub_schemas import topics
from hub_schemas.catalogue import parse
from hub_schemas.envelope import AnyEnvelope, Envelope, Fact
from hub_schemas.events.entries import NoticeRequested
from hub_schemas.events.rounds import ChasingRequested, RoundPublished, RoundSuperseded
from hub_schemas.ids import HubId, ProgrammeId, RoundId, RunId, new_id
from tests.support.databases import FreshDatabase
from tests.support.registry_api import TOKEN, PublishedRun, RegistryApi, Told

PATIENCE_S = 120.0
HUB = HubId(uuid.UUID(int=1))
CORRELATION = uuid.UUID(int=77)
ROUND = RoundId(uuid.UUID(int=2))


def migrate(database: FreshDatabase) -> None:
    """Bring a database to the notifier's schema."""
    upgrade(database.owner_url, package="hub_notifier")


def adviser(number: int, **changes: Any) -> Told:
    """An adviser of a school with invented counts."""
    view = {
        "hub_name": "Invented Region",
        "programme_name": "Year 10 placements",
        "round_name": "Summer 2027",
        "school_name": f"School {number}",
        "students": 120,
        "placed": 112,
        "first_choice": 70,
        "unplaced": 8,
        "link": f"http://127.0.0.1:8000/rounds/{ROUND}",
    }
    address = {"name": f"Adviser {number}", "email": f"adviser{number}@school.example"}
    return Told("adviser", str(uuid.UUID(int=100 + number)), address, view | changes)


def employer(number: int, **changes: Any) -> Told:
    """An employer with one slot."""
    slot = {"title": "Lab, week 1", "students": 4, "first_date": "2027-06-07", "last_date": "2027-06-11"}
    view = {
        "hub_name": "Invented Region",
        "programme_name": "Year 10 placements",
        "round_name": "Summer 2027",
        "employer_name": f"Works {number}",
        "students": 4,
        "slots": [slot],
        "link": f"http://127.0.0.1:8000/rounds/{ROUND}",
    }
    address = {"name": f"Contact {number}", "email": f"contact{number}@works.example"}
    return Told("employer", str(uuid.UUID(int=10_000 + number)), address, view | changes)


def run(number: int, told: list[Told]) -> PublishedRun:
    """A published run of the round."""
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    return PublishedRun(round_id=ROUND, run_id=uuid.UUID(int=1000 + number), result_sha256=sha256, told=told)


def published(of: PublishedRun, **changes: Any) -> RoundPublished:
    """The fact that a run took effect."""
    values = {
        "round_id": of.round_id,
        "programme_id": ProgrammeId(uuid.UUID(int=3)),
        "run_id": of.run_id,
        "input_sha256": "0" * 64,
        "result_sha256": of.result_sha256,
        "placements": 112,
        "unplaced": 8,
        "published_at": datetime(2027, 5, 3, 9, 30, tzinfo=UTC),
    }
    return RoundPublished.model_validate(values | changes)


def superseded(of: PublishedRun, *, by: PublishedRun) -> RoundSuperseded:
    """The fact that another run took the place of one."""
    return RoundSuperseded(round_id=ROUND, run_id=RunId(of.run_id), by_run_id=RunId(by.run_id))


def chasing(of: PublishedRun) -> ChasingRequested:
    """The hub's request to remind the people of what stands in a run's place."""
    return ChasingRequested.model_validate(
        {
            "round_id": of.round_id,
            "programme_id": ProgrammeId(uuid.UUID(int=3)),
            "chase_id": of.run_id,
            "recipients": [{"recipient_kind": one.kind, "recipient_id": one.recipient_id} for one in of.told],
            "recipients_sha256": of.result_sha256,
            "requested_at": datetime(2027, 5, 3, 9, 30, tzinfo=UTC),
        }
    )


def request(number: int, about: str, **changes: Any) -> PublishedRun:
    """A request to write to one person."""
    request_id = uuid.UUID(int=5000 + number)
    view = {
        "hub_name": "Invented Region",
        "place": f"School {number}",
        "expires_at": "2027-05-10T09:30:00Z",
        "link": "http://127.0.0.1:8000/invitation/hub_link",
    }
    name = f"Person {number}" if about == "invitation" else ""
    told = Told("person", str(request_id), {"name": name, "email": f"person{number}@school.example"}, view | changes)
    return PublishedRun(None, request_id, hashlib.sha256(f"{about}:{number}".encode()).hexdigest(), [told])


def requested(of: PublishedRun, about: str) -> NoticeRequested:
    """The registry's request."""
    return NoticeRequested.model_validate(
        {
            "request_id": of.run_id,
            "about": about,
            "state_sha256": of.result_sha256,
            "requested_at": datetime(2027, 5, 3, 9, 30, tzinfo=UTC),
        }
    )


def message(fact: Fact, *, seq: int = 1, id_: uuid.UUID | None = None) -> tuple[str, bytes]:
    """A fact as the registry's relay puts it on the topic: key and value."""
    envelope = Envelope[Any].model_validate(
        {
            "id": id_ or new_id(),
            "type": type(fact).__name__,
            "version": 1,
            "source": "registry",
            "time": "2027-05-03T09:30:00Z",
            "hub_id": HUB,
            "subject": fact.subject,
            "seq": seq,
            "correlation_id": CORRELATION,
            "data": fact,
        }
    )
    return envelope.key, envelope.model_dump_json().encode()


async def until(condition: Callable[[], Awaitable[bool]], *, patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so; fails if it never comes."""
    end = time.monotonic() + patience_s
    while not await condition():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.05)


class Scene:
    """One test's notifier with its database, topics, registry and log; the mail server is the test's choice."""

    def __init__(
        self, database: FreshDatabase, *, bootstrap: str, prefix: str, registry: RegistryApi, folder: Path
    ) -> None:
        self.database = database
        self.bootstrap = bootstrap
        self.prefix = prefix
        self.registry = registry
        self.port = free_port()
        self._folder = folder
        self._child: Child | None = None

    def start(self, smtp_port: int, **changes: str) -> Child:
        """Start the service as a process; short leases, so that a test needn't wait for the long ones."""
        settings = {
            "HUB_DATABASE_URL": self.database.url,
            "HUB_KAFKA_BOOTSTRAP": self.bootstrap,
            "HUB_TOPIC_PREFIX": self.prefix,
            "HUB_HTTP_PORT": str(self.port),
            "HUB_DEMO": "true",
            "HUB_INTERNAL_TOKEN": TOKEN,
            "HUB_REGISTRY_URL": self.registry.url,
            "HUB_SMTP_HOST": "127.0.0.1",
            "HUB_SMTP_PORT": str(smtp_port),
            "HUB_MAIL_FROM": "Placement Hub <placements@hub.example>",
            "HUB_LEASE_S": "2",
            "HUB_IDLE_S": "0.1",
            "HUB_HELD_LOOK_S": "0.5",
            "HUB_SMTP_ANSWER_S": "30",
            "HUB_HAND_OVER_LEASE_S": "2",
            "HUB_SESSION_TIMEOUT_MS": "6000",
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        argv = [sys.executable, "-m", "hub_notifier.main"]
        log = self._folder / "notifier.log"
        self._child = Child("notifier", argv, log=log, env=environment | settings | changes).start()
        return self._child

    async def ready(self) -> None:
        """Wait until the service says that it is ready."""

        async def is_ready() -> bool:
            assert self._child is not None
            assert self._child.running, self._child.log.read_text()[-2000:]
            return await asyncio.to_thread(http_ok, f"http://127.0.0.1:{self.port}/health/ready")

        await until(is_ready)

    def end(self) -> None:
        """Stop whatever still runs."""
        if self._child is not None:
            self._child.stop()

    async def tell(self, *facts: Fact) -> None:
        """Put facts on hub.rounds.v1, in order."""
        await self.put(*(message(fact, seq=place) for place, fact in enumerate(facts, 1)))

    async def put(self, *messages: tuple[str, bytes], topic: str = topics.ROUNDS) -> None:
        """Put raw messages on a topic, in order."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True)
        await producer.start()
        try:
            for key, value in messages:
                await producer.send_and_wait(self.prefix + topic, value, key=key.encode())
        finally:
            await producer.stop()

    async def heard(self, *, at_least: int) -> list[AnyEnvelope]:
        """Read hub.notices.v1 from its beginning until there are so many facts, each counted once, as readers do."""
        consumer = AIOKafkaConsumer(
            self.prefix + topics.NOTICES, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        found: dict[uuid.UUID, AnyEnvelope] = {}
        try:
            end = time.monotonic() + PATIENCE_S
            while len(found) < at_least:
                assert time.monotonic() < end, f"{len(found)} of {at_least} facts"
                parts = (await consumer.getmany(timeout_ms=200)).values()
                facts = [parse(topics.NOTICES, record.value) for part in parts for record in part]
                found |= {fact.id: fact for fact in facts if fact.id not in found}
        finally:
            await consumer.stop()
        return list(found.values())

    async def ask(self, query: str, *args: Any) -> list[dict[str, Any]]:
        """Look into the database."""
        conn = await asyncpg.connect(self.database.owner_url, timeout=10)
        try:
            return [dict(row) for row in await conn.fetch(query, *args)]
        finally:
            await conn.close()

    async def states(self) -> Counter[str]:
        """How many notices stand where."""
        return Counter(row["state"] for row in await self.ask("SELECT state FROM notice"))

    async def until_states(self, **expected: int) -> None:
        """Wait until the notices stand so."""

        async def so() -> bool:
            return await self.states() == Counter(expected)

        try:
            await until(so)
        except AssertionError as never:
            raise AssertionError(f"expected {expected}, got {dict(await self.states())}") from never

    async def metrics(self) -> str:
        """The service's metrics."""
        return (await self.request("GET", "/metrics")).text

    async def until_metric(self, line: str) -> None:
        """Wait until the service's metrics say so."""

        async def so() -> bool:
            try:
                return line in await self.metrics()
            except httpx.TransportError:  # still starting
                return False

        await until(so)

    async def until_asked(self, times: int) -> None:
        """Wait until the registry was asked so often."""

        async def so() -> bool:
            return len(self.registry.asked) >= times

        await until(so)

    async def request(self, method: str, path: str, *, token: str = TOKEN) -> httpx.Response:
        """Call the service."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10) as client:
            return await client.request(method, path, headers={"Authorization": f"Bearer {token}"})
