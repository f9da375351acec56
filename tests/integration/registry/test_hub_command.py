"""The `hub` command makes the first hub, its staff and tokens."""

import io
import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.integration.registry.world import World
from tests.support.databases import FreshDatabase
from tests.support.servers import KafkaServer


def hub(database: FreshDatabase, *words: str, status: int = 0, **settings: Any) -> dict[str, Any]:
    environment = {**os.environ, "HUB_DATABASE_URL": database.url, "HUB_DEMO": "true", **settings}
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


def printed(database: FreshDatabase, *words: str, **settings: str) -> bytes:
    """What a person's pipe gets."""
    return subprocess.run(
        [sys.executable, "-m", "hub_registry.cli.main", *words],
        env={**os.environ, "HUB_DATABASE_URL": database.url, "HUB_DEMO": "true", **settings},
        capture_output=True, timeout=60, check=True,
    ).stdout  # fmt: skip


def test_version_is_the_products() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub_registry.cli.main", "--version"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == version("hub-registry")


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


async def test_a_rotated_token_leaves_the_old_ones_a_while(world: World) -> None:
    staff = ("--staff", "ada@hub.example")
    hub(world.database, "staff", "add", "--hub", "a-hub", "--role", "hub", "--name", "Ada", "--email", staff[1])
    old = hub(world.database, "token", "create", *staff)["token"]
    kept = hub(world.database, "token", "rotate", *staff, "--hours", "1")
    assert kept["others"] == 1
    for token in (old, kept["token"]):
        assert (await (await world.client(token)).get("/me")).status_code == 200
    new = hub(world.database, "token", "rotate", *staff, "--hours", "0")
    assert new["others"] == 2
    answers = [
        (await (await world.client(token)).get("/me")).status_code for token in (old, kept["token"], new["token"])
    ]
    assert answers == [401, 401, 200]
    listed = hub(world.database, "token", "list", *staff)["items"]
    assert [one["token_id"] for one in listed][1:] == [kept["token_id"], new["token_id"]]
    said = printed(world.database, "token", "rotate", *staff).decode()
    assert "valid until " in said
    assert "Its id: " in said
    assert "1 older one ends at " in said


async def test_a_list_is_whole_in_a_pipe(world: World) -> None:
    address = f"{'a-long-address-' * 8}@hub.example"
    hub(world.database, "staff", "add", "--hub", "a-hub", "--role", "hub", "--name", "Ada " * 20, "--email", address)
    (line,) = [
        line for line in printed(world.database, "staff", "list", "--hub", "a-hub").splitlines() if b"Ada" in line
    ]
    assert address.encode() in line
    assert len(line) < 1000


async def test_check_says_of_every_part_whether_it_is_well(
    world: World, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    def checked(*words: str, prefix: str = topic_prefix, status: int = 0) -> dict[str, Any]:
        servers = {"HUB_KAFKA_BOOTSTRAP": kafka_server.bootstrap, "HUB_TOPIC_PREFIX": prefix}
        return hub(world.database, "check", *words, status=status, **servers)

    well = checked()["items"]
    assert [(one["part"], one["well"]) for one in well] == [
        ("database", "yes"), ("outbox", "yes"), ("dead letters", "yes"), ("clock", "yes"), ("Kafka", "yes"),
    ]  # fmt: skip
    ill = checked("--at", "matching=http://127.0.0.1:9", prefix="nobody.", status=1)["items"]
    assert [one["part"] for one in ill if one["well"] == "NO"] == ["Kafka", "matching"]
    assert "nobody.hub.rounds.v1" in next(one["what"] for one in ill if one["part"] == "Kafka")
    wrong = checked("--at", "matching:8000", status=1)
    assert "--at matching:8000: give a name and an address" in wrong["error"]


async def test_the_bundle_names_nobody_and_holds_no_secret(
    world: World, kafka_server: KafkaServer, topic_prefix: str, tmp_path: Path
) -> None:
    hub(
        world.database,
        "staff",
        "add",
        "--hub",
        "a-hub",
        "--role",
        "hub",
        "--name",
        "Ada Byron",
        "--email",
        "ada@h.example",
    )
    out = tmp_path / "bundle.zip"
    written = hub(
        world.database, "bundle", str(out), HUB_TOPIC_PREFIX=topic_prefix, HUB_KAFKA_BOOTSTRAP=kafka_server.bootstrap,
        HUB_INTERNAL_TOKEN="between-us-only",  # noqa: S106 - a test's
    )["files"]  # fmt: skip
    assert set(written) == {"about.json", "settings.json", "findings.json", "tables.json"}
    servers = {"HUB_TOPIC_PREFIX": topic_prefix, "HUB_KAFKA_BOOTSTRAP": kafka_server.bootstrap}
    with zipfile.ZipFile(io.BytesIO(printed(world.database, "bundle", "-", **servers))) as archive:
        assert set(archive.namelist()) == set(written)
    nowhere = hub(world.database, "bundle", str(tmp_path / "nowhere/bundle.zip"), status=1, **servers)
    assert "can't be written (No such file or directory); from a container: docker compose exec" in nowhere["error"]
    with zipfile.ZipFile(out) as archive:
        text = "".join(archive.read(name).decode() for name in written)
    password = urlsplit(world.database.url).password or ""
    assert password
    for hidden in ("Ada", "h.example", "between-us-only", password):
        assert hidden not in text
    assert "(hidden)@" in text
    assert '"name": "student"' in text
