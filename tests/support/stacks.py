"""The whole product as processes for tests, and rounds played on it through its API."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from hub_deploy.demo.client import Client
from hub_deploy.demo.people import Coordinators, found_hub, here
from hub_deploy.demo.screen import Screen
from hub_deploy.demo.story import Story
from hub_deploy.sample import Sample, Scale, generate, uploads
from hub_deploy.stack.stack import Stack


def screen() -> Screen:
    """A screen that shows nothing."""
    return Screen(Console(quiet=True))


def upload_files(folder: Path, *, schools: int | None = None) -> Sample:
    """Write the pilot's upload files; with ``schools`` only that many schools upload theirs."""
    sample = generate(Scale.PILOT)
    uploads.write(sample, folder)
    if schools is not None:
        for kind in ("students", "preferences"):
            for path in sorted((folder / kind).glob("*.csv"))[schools:]:
                path.unlink()
    return sample


def new_coordinators(stack: Stack) -> Coordinators:
    """A hub of its own for one round, so that many rounds can be played on one stack."""
    slug = f"hub-{uuid.uuid4().hex[:8]}"
    return found_hub(here(stack.registry.settings), stack.registry.url, name=slug, slug=slug)


def new_story(stack: Stack, kind: type[Story] = Story, **more: Any) -> Story:
    """A round about to be played in a hub of its own."""
    return kind(stack.registry.url, screen(), new_coordinators(stack), Scale.PILOT, patience_s=90, **more)


@dataclass(frozen=True)
class Rows:
    """Asks a service's database as its owner, past row-level security."""

    stack: Stack
    service: str

    def all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Every row of a query."""
        with psycopg.connect(self.stack.owner_url(self.service)) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.all(query, *values)[0][0]


def everything(client: Client, path: str) -> list[dict[str, Any]]:
    """All items of a paginated list."""
    items: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = client.get(path, limit=500, **({"after": after} if after else {}))
        items += page["items"]
        after = page["next"]
    return items


def envelope_texts(values: Sequence[bytes]) -> list[dict[str, Any]]:
    """Messages as plain JSON."""
    return [json.loads(value) for value in values]
