"""`python -m hub_chassis.deciding` on a service's own database, on another's and on none."""

import os
import subprocess
import sys

import pytest

from tests.integration.registry.world import World
from tests.support.databases import FreshDatabase


def decide(package: str, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub_chassis.deciding", package, "list"],
        env={**os.environ, "HUB_DATABASE_URL": url, "HUB_DEMO": "true"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def nowhere(database: FreshDatabase) -> str:
    return f"{database.url.rpartition('/')[0]}/nowhere"


async def test_that_there_are_none_is_said(world: World) -> None:
    done = decide("hub_registry", world.database.url)
    assert (done.returncode, done.stdout) == (0, "no dead letters\n")


@pytest.mark.parametrize("package", ["hub_registry", "hub_notifier"])
async def test_another_database_is_refused_in_one_line(world: World, package: str) -> None:
    url = world.database.url if package == "hub_notifier" else nowhere(world.database)
    done = decide(package, url)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("refused: ")
    assert line.endswith(f"(is HUB_DATABASE_URL that of {package}'s database?)")
