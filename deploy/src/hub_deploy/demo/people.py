"""Makes the hub and the people who run the round: the first ones by the `hub` command, the others through the API."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub_deploy.demo.client import Client, Refused

HUB_SLUG = "lcr-demo"
PROBLEM = "urn:placement-hub:problem:"
SECRET_NOT_KEPT = f"{PROBLEM}secret-not-kept"


class CommandFailed(Exception):
    """The `hub` command ended with an error; the text is what it printed."""


@dataclass(frozen=True)
class Coordinators:
    """Tokens of the two people of the hub: the second approves what the first has approved."""

    first: str
    second: str


HubCommand = Callable[..., str]
"""Runs the `hub` command with the given words and gives what it printed."""


def found_hub(hub: HubCommand, registry_url: str, *, name: str, slug: str = HUB_SLUG) -> Coordinators:
    """Create the hub with its first coordinator by command; the first makes the second through the API."""
    hub("create", name, "--slug", slug)
    first_mail = f"coordinator@{slug}.example"
    hub("staff", "add", "--hub", slug, "--role", "hub", "--name", "Ada Coordinator", "--email", first_mail)
    first = str(json.loads(hub("token", "create", "--staff", first_mail))["token"])
    with Client(registry_url, first) as client:
        second = add_staff(client, role="hub", name="Ben Coordinator", email=f"second.coordinator@{slug}.example")
    return Coordinators(first, second)


def add_staff(client: Client, **person: str) -> str:
    """Create a member of staff and a token for them; returns the token."""
    staff = client.post("/staff", person)
    return _new_token(client, str(staff["staff_id"]))


def _new_token(client: Client, staff_id: str) -> str:
    """A token of a member of staff; another one if the answer with the first was lost on its way.

    The registry shows a secret once. When it went down between making one and saying it, nobody knows that one.
    """
    path = f"/staff/{staff_id}/tokens"
    try:
        return str(client.post(path)["token"])
    except Refused as refused:
        if refused.problem.get("type") != SECRET_NOT_KEPT:
            raise
        return str(client.post(path)["token"])


def here(settings: Mapping[str, str]) -> HubCommand:
    """The `hub` command on this machine, with a registry's settings, as an operator on the server would call it."""
    return _command((sys.executable, "-m", "hub_registry.cli.main"), dict(os.environ) | dict(settings))


COMPOSE = ("docker", "compose")


def in_container(compose: Sequence[str] = COMPOSE) -> HubCommand:
    """The `hub` command inside the registry's container."""
    return _command((*compose, "exec", "-T", "registry", "hub"), dict(os.environ))


def container_url(compose: Sequence[str] = COMPOSE) -> str:
    """Where the registry's container answers on this machine; of several, the first. Raises CommandFailed."""
    argv = [*compose, "port", "registry", "8000"]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    if asked.returncode != 0 or not asked.stdout.strip():
        raise CommandFailed(f"the registry's container is not up: {asked.stderr.strip()[-800:]}")
    return f"http://{asked.stdout.strip()}"


def _command(start: Sequence[str], environment: Mapping[str, str]) -> HubCommand:
    def run(*words: str) -> str:
        argv = [*start, "--json", *words]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
        if done.returncode != 0:
            raise CommandFailed(f"hub {' '.join(words)}: {(done.stderr or done.stdout).strip()[-800:]}")
        return done.stdout

    return run
