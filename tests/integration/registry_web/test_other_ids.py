"""Every page × every role × ids of another hub: what a person may not know of is not there."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from hub_registry.web.route import OpenPage, PageRoute
from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World
from tests.support.visitor import Visitor

FREE = {"ending": "csv", "table": "students", "slug": "no-such-hub", "name": "ranks", "width": "wide"}
"""Parameters that are no ids; each gives something that exists, so that the ids alone decide."""


def pages(app: FastAPI) -> Iterator[APIRoute]:
    """Give every page with an id in its address."""
    yield from (route for route in _flat(app.routes) if "{" in route.path and not isinstance(route, OpenPage))


def _flat(routes: list[BaseRoute]) -> Iterator[PageRoute]:
    for route in routes:
        if isinstance(route, PageRoute):
            yield route
        elif inner := getattr(route, "routes", None):
            yield from _flat(inner)


def foreign(path: str) -> str:
    """Fill an address with ids that are another hub's, or nobody's."""

    def one(match: re.Match[str]) -> str:
        name = match.group(1).partition(":")[0]
        if name in FREE:
            return FREE[name]
        return SCHOOL_B if name == "school_id" else str(new_id())

    return re.sub(r"\{([^}]+)\}", one, path)


async def _employer(world: World) -> str:
    _, employer_id = await world.with_slots()
    return employer_id


@pytest.mark.parametrize("role", ["adviser", "employer", "hub", "operator"])
async def test_pages_with_ids_of_others_are_not_there(world: World, role: str) -> None:
    async with world.owner() as conn:
        other = new_id()
        await conn.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, 'other', 'Another')", other)
        for hub, school in ((world.hub_id, SCHOOL_A), (other, SCHOOL_B)):
            await conn.execute("INSERT INTO school (hub_id, school_id, name) VALUES ($1, $2, 'S')", hub, school)
    belongs = {"adviser": {"school_id": SCHOOL_A}, "employer": {"employer_id": await _employer(world)}}
    somebody = await world.staff(role, **belongs.get(role, {}))
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await somebody.get("/me")).json()["staff_id"])
        home = await visitor.open("/")
        token = re.search(r'name="csrf_token" value="([^"]*)"', home.text)
        wrong = []
        for route in pages(world.app):
            for method in sorted((route.methods or set()) & {"GET", "POST"}):
                address = foreign(route.path)
                sent = {"csrf_token": token.group(1) if token else ""} if method == "POST" else None
                answer = await visitor.http.request(method, address, follow_redirects=False, data=sent)
                if answer.status_code != 404:
                    wrong.append(f"{method} {route.path}: {answer.status_code}")
        assert wrong == []


async def test_pages_ask_who_is_not_signed_in_to_sign_in(world: World) -> None:
    async with Visitor(world.app) as visitor:
        wrong = []
        for route in _flat(world.app.routes):
            if isinstance(route, OpenPage):
                continue
            for method in sorted((route.methods or set()) & {"GET", "POST"}):
                answer = await visitor.http.request(method, foreign(route.path), follow_redirects=False, data={})
                if answer.status_code not in ({303} if method == "GET" else {401, 403}):
                    wrong.append(f"{method} {route.path}: {answer.status_code}")
        assert wrong == []
