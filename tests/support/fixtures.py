"""The fixtures; tests/conftest.py makes them known to pytest. Which server came from where is told at the end."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_deploy.embedded import topics
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.mail import MailCatcher
from hub_deploy.embedded.postgres import Postgres
from tests.support.databases import Databases, FreshDatabase
from tests.support.servers import KafkaServer, PostgresServer, open_kafka, open_postgres, say
from tests.support.sharing import Description, shared

OPENED = pytest.StashKey[contextlib.ExitStack]()
WAYS = pytest.StashKey[dict[str, str]]()

MakeDatabase = Callable[..., Awaitable[FreshDatabase]]


def open_shared(
    request: pytest.FixtureRequest,
    name: str,
    open_server: Callable[[], contextlib.AbstractContextManager[Description]],
) -> Description:
    """Open a server for this session, shared with the other workers of a parallel run, closed at its very end."""
    config = request.config
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    # A worker's base folder lies in one that all workers of the run have in common.
    base = factory.getbasetemp()
    folder = base.parent if hasattr(config, "workerinput") else base
    server = config.stash[OPENED].enter_context(shared(name, folder, open_server))
    config.stash[WAYS][name] = server["way"]
    return server


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> PostgresServer:
    """The session's PostgreSQL server."""

    @contextlib.contextmanager
    def opened() -> Iterator[Description]:
        with open_postgres() as server:
            yield {"url": server.url, "way": server.way}

    found = open_shared(request, "PostgreSQL", opened)
    return PostgresServer(found["url"], found["way"])


@pytest.fixture(scope="session")
def kafka_server(request: pytest.FixtureRequest) -> KafkaServer:
    """The session's Kafka broker; topic names are the product's, so tests use ``topic_prefix``."""

    @contextlib.contextmanager
    def opened() -> Iterator[Description]:
        with open_kafka() as server:
            yield {"bootstrap": server.bootstrap, "way": server.way}

    found = open_shared(request, "Kafka", opened)
    return KafkaServer(found["bootstrap"], found["way"])


@pytest.fixture(scope="session")
def databases(postgres_server: PostgresServer) -> Iterator[Databases]:
    """The session's maker of databases; tests want ``make_database`` or ``fresh_database``."""
    maker = Databases(postgres_server)
    yield maker
    asyncio.run(maker.drop_templates())


@pytest.fixture
async def make_database(databases: Databases) -> AsyncIterator[MakeDatabase]:
    """Make databases for this test: ``await make_database("registry", build)`` or ``await make_database()``."""
    yield databases.make
    await databases.drop_made()


@pytest.fixture
async def fresh_database(make_database: MakeDatabase) -> FreshDatabase:
    """Give the test an empty database."""
    return await make_database()


@pytest.fixture
async def topic_prefix(kafka_server: KafkaServer) -> AsyncIterator[str]:
    """Make the product's topics under a prefix of this test's own (for HUB_TOPIC_PREFIX), 3 partitions each."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    wanted = topics.prefixed(topics.load(), prefix, partitions=3)
    await topics.apply(kafka_server.bootstrap, wanted)
    yield prefix
    await topics.delete(kafka_server.bootstrap, [topic.name for topic in wanted])


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """Give the test a PostgreSQL of its own, which it may ``kill()`` and ``start()`` again on its port and data."""
    with Postgres(durable=False, progress=say) as server:
        yield server


@pytest.fixture
def own_kafka() -> Iterator[Kafka]:
    """Give the test a broker of its own, which it may ``kill()`` and ``start()`` again on its port and data."""
    with Kafka(progress=say) as broker:
        yield broker


@pytest.fixture
def mail_catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    """Give the test an SMTP server that keeps its mails."""
    with MailCatcher(tmp_path / "mails") as catcher:
        yield catcher


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OPENED] = contextlib.ExitStack()
    config.stash[WAYS] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    # Here and not in the fixtures: the last worker's tests may take longer than a test's time limit.
    config = session.config
    config.stash[OPENED].close()
    if hasattr(config, "workeroutput"):
        config.workeroutput["server_ways"] = config.stash[WAYS]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[WAYS].update(getattr(node, "workeroutput", {}).get("server_ways", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for name, way in sorted(config.stash[WAYS].items()):
        terminalreporter.write_line(f"{name}: {way}")
