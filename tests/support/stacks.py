"""The whole product as processes for tests, and rounds played on it through its API."""

import uuid
from dataclasses import dataclass, replace
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
    """Write the pilot's upload files; with ``schools``, those of so many schools, their slots and these' employers."""
    sample = generate(Scale.PILOT)
    if schools is not None:
        sample = _part(sample, {school.urn for school in sample.schools[:schools]})
    uploads.write(sample, folder)
    return sample


def _part(sample: Sample, urns: set[str]) -> Sample:
    preferences = tuple(line for line in sample.preferences if line.urn in urns)
    ranked = {line.slot_ref for line in preferences}
    slots = tuple(slot for slot in sample.slots if slot.slot_ref in ranked)
    hosts = {slot.employer_ref for slot in slots}
    return replace(
        sample,
        schools=tuple(school for school in sample.schools if school.urn in urns),
        students=tuple(student for student in sample.students if student.urn in urns),
        employers=tuple(employer for employer in sample.employers if employer.employer_ref in hosts),
        slots=slots,
        preferences=preferences,
    )


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
