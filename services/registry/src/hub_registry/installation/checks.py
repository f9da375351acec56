"""Is the whole of it well: database, outbox, dead letters, clock, topics, and what each service says of itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from hub_chassis.database import Database
from hub_chassis.errors import DatabaseAway
from hub_chassis.kafka_security import client_options
from hub_registry.settings import WORKER_ROLE, Settings
from hub_schemas import topics

LATE_S = 60.0
"""An unsent fact or a due row older than this is worth a look."""
ANSWER_S = 5.0

_STATE = """
    SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS unsent,
           (SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
              FROM outbox WHERE sent_at IS NULL) AS unsent_s,
           (SELECT count(*) FROM dead_letter WHERE settled_at IS NULL) AS dead,
           (SELECT coalesce(extract(epoch FROM now() - min(next_try)), 0)::float8
              FROM due WHERE next_try < now()) AS due_s,
           current_setting('server_version') AS version
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is well, in words."""

    part: str
    is_well: bool
    words: str


async def check(settings: Settings, services: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Look at every part, one after the other.

    Args:
        settings: the registry's.
        services: base addresses by name; each is asked whether it is ready.
    """
    async for finding in _database(settings):
        yield finding
    yield await _topics(settings)
    async with httpx.AsyncClient(timeout=ANSWER_S) as client:
        for name, url in services.items():
            yield await _service(client, name, url)


async def _database(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with Database.open(settings, role=WORKER_ROLE) as db, db.connection() as conn:
            state = await conn.fetchrow(_STATE)
    except (DatabaseAway, OSError) as error:
        yield Finding("database", False, f"can't be reached: {error}")
        return
    if state is None:
        raise RuntimeError("a SELECT without FROM gives a row")
    yield Finding("database", True, f"PostgreSQL {state['version']}")
    unsent = f"{state['unsent']} facts unsent, oldest {state['unsent_s']:.0f} s"
    yield Finding("outbox", state["unsent_s"] < LATE_S, unsent)
    yield Finding("dead letters", state["dead"] == 0, f"{state['dead']} wait for a decision")
    yield Finding("clock", state["due_s"] < LATE_S, f"{state['due_s']:.0f} s late")


async def _topics(settings: Settings) -> Finding:
    admin = AIOKafkaAdminClient(
        bootstrap_servers=settings.kafka_bootstrap.split(","), request_timeout_ms=int(ANSWER_S * 1000),
        **client_options(settings),
    )  # fmt: skip
    try:
        async with asyncio.timeout(ANSWER_S):
            await admin.start()
            found = set(await admin.list_topics())
    except (KafkaError, TimeoutError, OSError) as error:
        return Finding("Kafka", False, f"no broker answers at {settings.kafka_bootstrap}: {type(error).__name__}")
    finally:
        await admin.close()
    missing = sorted({settings.topic_prefix + topic for topic in topics.ALL} - found)
    words = f"topics are missing: {', '.join(missing)}" if missing else f"{len(topics.ALL)} topics"
    return Finding("Kafka", not missing, words)


async def _service(client: httpx.AsyncClient, name: str, url: str) -> Finding:
    try:
        answer = await client.get(f"{url.rstrip('/')}/health/ready")
        said = answer.json()
        words = "; ".join(f"{part}: {reason}" for part, reason in said["reasons"].items())
    except (httpx.HTTPError, ValueError, KeyError, AttributeError) as error:
        return Finding(name, False, f"does not answer at {url}: {type(error).__name__}")
    return Finding(name, answer.status_code == httpx.codes.OK, words or "ready")
