"""Signing in and out, and what a page takes from whom."""

import base64
import hashlib
import re
from uuid import UUID

from hub_registry.main import build_app
from hub_registry.settings import Settings
from hub_schemas.ids import new_id
from tests.integration.registry.world import World
from tests.support.databases import FreshDatabase
from tests.support.visitor import Visitor


async def coordinator(world: World) -> UUID:
    """The member of staff that the world began with."""
    staff_id = (await world.hub.get("/me")).json()["staff_id"]
    return UUID(staff_id)


async def test_page_sends_who_is_not_signed_in_to_sign_in_and_back(world: World) -> None:
    async with Visitor(world.app) as visitor:
        page = await visitor.open("/?tab=1")
        assert (page.url.path, page.url.params["next"]) == ("/sign-in", "/?tab=1")
        await visitor.send({"staff_id": str(await coordinator(world))}, action="/sign-in/demo")
        assert (visitor.page.status_code, visitor.page.url.raw_path) == (200, b"/?tab=1")
        assert "Someone" in visitor.text()


async def test_signing_out_ends_the_session_for_good(world: World) -> None:
    async with Visitor(world.app) as visitor, Visitor(world.app) as thief:
        await visitor.sign_in(await coordinator(world))
        thief.http.cookies.update(visitor.http.cookies)
        await visitor.send(action="/sign-out")
        assert "You have signed out." in visitor.text()
        assert (await thief.open("/")).url.path == "/sign-in"


async def test_form_without_its_token_or_from_another_site_is_refused(world: World) -> None:
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        assert (await visitor.http.post("/sign-out", data={"csrf_token": "x"})).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert (await visitor.send(action="/sign-out", headers=elsewhere)).status_code == 403
        await visitor.open("/")
        assert (await visitor.send(action="/sign-out", headers={"Origin": "https://evil.example"})).status_code == 403
        assert (await visitor.open("/")).status_code == 200


async def test_demo_door_lets_nobody_in_who_is_not_of_the_demo_and_is_shut_outside_demo_mode(
    world: World, registry_database: FreshDatabase
) -> None:
    settings = Settings(database_url=registry_database.url, demo=False, internal_token="a-real-secret")  # noqa: S106
    app = build_app(settings)
    async with (
        app.router.lifespan_context(app),
        Visitor(app, site="https://registry") as outside,
        Visitor(world.app) as inside,
    ):
        staff_id = await coordinator(world)
        assert (await outside.sign_in(staff_id)).status_code == 404
        assert "Someone" not in (await outside.open("/sign-in")).text
        assert (await inside.sign_in(new_id())).status_code == 404
        assert (await inside.sign_in("nobody")).status_code == 404


async def test_session_of_the_demo_is_worth_nothing_outside_demo_mode(
    world: World, registry_database: FreshDatabase
) -> None:
    settings = Settings(database_url=registry_database.url, demo=False, internal_token="a-real-secret")  # noqa: S106
    app = build_app(settings)
    async with (
        app.router.lifespan_context(app),
        Visitor(app, site="https://registry") as outside,
        Visitor(world.app) as inside,
    ):
        await inside.sign_in(await coordinator(world))
        secret = inside.http.cookies["hub_session"]
        outside.http.headers["cookie"] = f"__Host-hub_session={secret}"
        assert (await outside.open("/")).url.path == "/sign-in"


async def test_session_left_idle_is_over(world: World) -> None:
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        async with world.owner() as conn:
            await conn.execute("UPDATE session SET seen_at = now() - interval '121 minutes'")
        assert (await visitor.open("/")).url.path == "/sign-in"


async def test_session_of_somebody_no_longer_active_is_over(world: World) -> None:
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        async with world.owner() as conn:
            await conn.execute("UPDATE staff SET active = false")
        assert (await visitor.open("/")).url.path == "/sign-in"


async def test_unknown_page_is_a_page_and_unknown_operation_a_problem(world: World) -> None:
    async with Visitor(world.app) as visitor:
        page = await visitor.open("/nothing-here")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        problem = await visitor.open("/api/v1/nothing-here")
        assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


async def test_pages_allow_nothing_from_elsewhere_and_are_kept_nowhere(world: World) -> None:
    async with Visitor(world.app) as visitor:
        headers = (await visitor.open("/sign-in")).headers
        assert headers["content-security-policy"].startswith("default-src 'self'; script-src 'self' 'sha256-")
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_what_is_no_page_says_too_what_may_become_of_it(world: World) -> None:
    async with Visitor(world.app) as visitor:
        headers = (await visitor.open("/api/v1/me")).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"


async def test_viewer_of_the_api_runs_nothing_from_elsewhere_but_what_is_known_by_its_hash(world: World) -> None:
    async with Visitor(world.app) as visitor:
        page = await visitor.open("/api/v1/docs")
        elsewhere = re.findall(r'<[^>]*(?:src|href)="https://[^>]*>', page.text)
        assert len(elsewhere) == 2
        assert all('integrity="sha384-' in one and 'crossorigin="anonymous"' in one for one in elsewhere)
        allowed = page.headers["content-security-policy"].split("; ")[1].split()
        (inline,) = re.findall("<script>(.*)</script>", page.text)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert allowed[:2] == ["script-src", f"'sha256-{digest}'"]
        assert allowed[2:] == re.findall(r'<script src="([^"]+)"', page.text)
