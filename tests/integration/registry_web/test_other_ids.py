"""Every page × every role × ids of another hub: what a person may not know of is not there."""

import re
from collections.abc import Iterator

import pytest

from hub_registry.web.route import OpenPage, PageRoute
from hub_registry.web.site import ROUTERS
from hub_schemas.ids import new_id
from tests.integration.registry.world import EMPLOYER, SCHOOL_A, SCHOOL_B, World, csv_of, student
from tests.support.visitor import Visitor

FREE = {"ending": "csv", "table": "students", "slug": "no-such-hub", "name": "ranks", "width": "wide"}
"""Parameters that are no ids; each gives something that exists, so that the ids alone decide."""


def every_page() -> Iterator[PageRoute]:
    """Give every page of the site."""
    for router in ROUTERS:
        yield from (route for route in router.routes if isinstance(route, PageRoute))


def pages() -> Iterator[PageRoute]:
    """Give every page with an id in its address that is not for anybody."""
    for route in every_page():
        if set(re.findall(r"\{([^}:]+)", route.path)) - FREE.keys() and not isinstance(route, OpenPage):
            yield route


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
        tried = 0
        for route in pages():
            for method in sorted((route.methods or set()) & {"GET", "POST"}):
                address = foreign(route.path)
                sent = {"csrf_token": token.group(1) if token else ""} if method == "POST" else None
                answer = await visitor.http.request(method, address, follow_redirects=False, data=sent)
                tried += 1
                if answer.status_code != 404:
                    wrong.append(f"{method} {route.path}: {answer.status_code}")
        assert tried > 50
        assert wrong == []


async def _others(world: World) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Two schools and two employers in one hub: whom the first ones' people belong to, and the second ones' ids."""
    await world.with_schools()
    _, employer_id = await world.with_slots()
    adviser = await world.staff("adviser", school_id=SCHOOL_B)
    await world.upload(adviser, f"/schools/{SCHOOL_B}/students/import", csv_of(student("1002")))
    student_id = (await adviser.get("/students")).json()["items"][0]["student_id"]
    slot_id = (await world.hub.get("/slots")).json()["items"][0]["slot_id"]
    own = {**EMPLOYER, "employer_ref": "E-OWN", "name": "Own"}
    await world.upload(world.hub, "/employers/import", csv_of(own))
    listed = (await world.hub.get("/employers")).json()["items"]
    mine = next(one["employer_id"] for one in listed if one["employer_ref"] == "E-OWN")
    belongs = {"adviser": {"school_id": SCHOOL_A}, "employer": {"employer_id": mine}}
    return belongs, {"student_id": student_id, "slot_id": slot_id, "employer_id": employer_id, "school_id": SCHOOL_B}


@pytest.mark.parametrize("role", ["adviser", "employer"])
async def test_pages_of_what_another_school_or_employer_of_the_same_hub_has_are_not_there(
    world: World, role: str
) -> None:
    belongs, theirs = await _others(world)
    somebody = await world.staff(role, **belongs[role])
    async with Visitor(world.app) as visitor:
        await visitor.sign_in((await somebody.get("/me")).json()["staff_id"])
        token = re.search(r'name="csrf_token" value="([^"]*)"', (await visitor.open("/")).text)
        wrong = []
        tried = 0
        for route in pages():
            names = re.findall(r"\{([^}:]+)", route.path)
            if not names or not set(names) <= theirs.keys() | FREE.keys():
                continue
            address = re.sub(r"\{([^}:]+)[^}]*\}", lambda match: {**FREE, **theirs}[match.group(1)], route.path)
            for method in sorted((route.methods or set()) & {"GET", "POST"}):
                sent = {"csrf_token": token.group(1) if token else ""} if method == "POST" else None
                answer = await visitor.http.request(method, address, follow_redirects=False, data=sent)
                tried += bool(set(names) & theirs.keys())
                if set(names) & theirs.keys() and answer.status_code != 404:
                    wrong.append(f"{method} {route.path}: {answer.status_code}")
        assert tried > 10
        assert wrong == []


async def test_pages_ask_who_is_not_signed_in_to_sign_in(world: World) -> None:
    async with Visitor(world.app) as visitor:
        wrong = []
        tried = 0
        for route in every_page():
            if isinstance(route, OpenPage):
                continue
            for method in sorted((route.methods or set()) & {"GET", "POST"}):
                answer = await visitor.http.request(method, foreign(route.path), follow_redirects=False, data={})
                tried += 1
                if answer.status_code not in ({303} if method == "GET" else {401, 403}):
                    wrong.append(f"{method} {route.path}: {answer.status_code}")
        assert tried > 100
        assert wrong == []
