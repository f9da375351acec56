"""What the notifier's tests stand on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.notifier.post_office import PostOffice
from tests.integration.notifier.support import Scene, migrate
from tests.support.fixtures import MakeDatabase
from tests.support.registry_api import RegistryApi
from tests.support.servers import KafkaServer


@pytest.fixture
async def registry() -> AsyncIterator[RegistryApi]:
    """Give the test a registry to ask."""
    async with RegistryApi() as api:
        yield api


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """Give the test a mail server in its own hands."""
    async with PostOffice() as server:
        yield server


@pytest.fixture
async def scene(
    make_database: MakeDatabase, kafka_server: KafkaServer, topic_prefix: str, registry: RegistryApi, tmp_path: Path
) -> AsyncIterator[Scene]:
    """Give the test a notifier that isn't running yet."""
    database = await make_database("notifier", migrate)
    made = Scene(database, bootstrap=kafka_server.bootstrap, prefix=topic_prefix, registry=registry, folder=tmp_path)
    yield made
    made.end()
