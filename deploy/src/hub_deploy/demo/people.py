"""Makes the hub and the people who run the round: the first ones by the `hub` command, the others through the API."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from hub_deploy.demo.client import Client
from hub_deploy.stack.stack import Stack

HUB_SLUG = "lcr-demo"


class CommandFailed(Exception):
    """The `hub` command ended with an error; the text is what it printed."""


@dataclass(frozen=True)
class Coordinators:
    """Tokens of the two people of the hub: the second approves what the first has approved."""

    first: str
    second: str


def found_hub(stack: Stack, *, name: str) -> Coordinators:
    """Create the hub with its first coordinator by command; the first makes the second through the API."""
    hub_command(stack, "create", name, "--slug", HUB_SLUG)
    first_mail = "coordinator@hub.example"
    hub_command(
        stack, "staff", "add", "--hub", HUB_SLUG, "--role", "hub", "--name", "Ada Coordinator", "--email", first_mail
    )
    made = hub_command(stack, "token", "create", "--staff", first_mail)
    first = str(json.loads(made)["token"])
    with Client(stack.registry.url, first) as client:
        second = add_staff(client, role="hub", name="Ben Coordinator", email="second.coordinator@hub.example")
    return Coordinators(first, second)


def add_staff(client: Client, **person: str) -> str:
    """Create a member of staff and a token for them; returns the token."""
    staff = client.post("/staff", person)
    return str(client.post(f"/staff/{staff['staff_id']}/tokens")["token"])


def hub_command(stack: Stack, *words: str) -> str:
    """Run the `hub` command against the stack's registry database, as an operator on the server would."""
    environment = dict(os.environ) | dict(stack.registry.settings)
    argv: Sequence[str] = (sys.executable, "-m", "hub_registry.cli.main", "--json", *words)
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    if done.returncode != 0:
        raise CommandFailed(f"hub {' '.join(words)}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout
