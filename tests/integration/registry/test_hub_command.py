"""The `hub` command makes the first hub, its staff and tokens."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.integration.registry.world import World
from tests.support.databases import FreshDatabase


def hub(database: FreshDatabase, *words: str, status: int = 0) -> dict[str, Any]:
    environment = {**os.environ, "HUB_DATABASE_URL": database.url, "HUB_DEMO": "true"}
    done = subprocess.run(
        [sys.executable, "-m", "hub_registry.cli.main", "--json", *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    said: dict[str, Any] = json.loads(done.stdout or done.stderr)
    return said


async def test_first_hub_its_coordinator_and_a_token_that_works(world: World, tmp_path: Path) -> None:
    database = world.database
    made = hub(database, "create", "Liverpool City Region", "--slug", "lcr")
    person = hub(
        database, "staff", "add", "--hub", "lcr", "--role", "hub", "--name", "Ada", "--email", "ada@hub.example"
    )
    assert person["hub_id"] == made["hub_id"]
    token = hub(database, "token", "create", "--staff", "ada@hub.example", "--scope", "read")["token"]
    me = (await (await world.client(token)).get("/me")).json()
    assert (me["hub_id"], me["role"], me["scopes"]) == (made["hub_id"], "hub", ["read"])
    register = tmp_path / "register.csv"
    register.write_text("URN,EstablishmentName,Postcode\n104715,A school,L13 5UQ\n")
    assert hub(database, "schools", "load", str(register), "--hub", "lcr")["created"] == 1
    listed = hub(database, "staff", "list", "--hub", "lcr")["items"]
    assert [one["email"] for one in listed] == ["ada@hub.example"]


async def test_refusals_end_with_status_1_and_say_why(world: World) -> None:
    assert (
        hub(world.database, "create", "Again", "--slug", "a-hub", status=1)["error"] == "there is a hub 'a-hub' already"
    )
    nobody = hub(world.database, "token", "create", "--staff", "nobody@hub.example", status=1)
    assert nobody["error"] == "nobody has the address nobody@hub.example"
    adviser = hub(
        world.database, "staff", "add", "--hub", "a-hub", "--role", "adviser", "--name", "B", "--email", "b@x.example",
        "--school", "999999", status=1,
    )  # fmt: skip
    assert "there is no school 999999" in str(adviser["errors"])
