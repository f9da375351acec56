"""A registry with two schools, an employer and an open round; matching is played by its own solver, in process."""

from collections.abc import AsyncIterator

import pytest

from hub_chassis.database import Database
from hub_registry.main import build_app
from hub_registry.settings import WORKER_ROLE, Settings
from tests.integration.registry.conftest import registry_database  # noqa: F401
from tests.integration.registry.world import World
from tests.integration.registry_rounds.builder import INTERNAL, RoundWorld
from tests.support.databases import FreshDatabase


@pytest.fixture
def demo() -> bool:
    """Whether the registry runs in demo mode."""
    return True


@pytest.fixture
async def rounds(registry_database: FreshDatabase, demo: bool) -> AsyncIterator[RoundWorld]:  # noqa: F811
    """Give the test a running app with schools, students, slots and a draft round."""
    settings = Settings(database_url=registry_database.url, demo=demo, internal_token=INTERNAL, pool_size=4)
    app = build_app(settings)
    async with (
        app.router.lifespan_context(app),
        World.of(app, registry_database) as world,
        Database.open(settings, role=WORKER_ROLE) as worker,
    ):
        rounds = RoundWorld(world, worker)
        await rounds.enter()
        yield rounds
