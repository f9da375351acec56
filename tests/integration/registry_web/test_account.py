"""One's own account, and a form that was sent when its session was over."""

from datetime import timedelta
from uuid import UUID

from hub_chassis.database import Database
from hub_registry.access.principal import Role
from hub_registry.settings import WORKER_ROLE
from hub_registry.upkeep import forget
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World
from tests.integration.registry_web.people import (
    PASSWORD,
    code,
    invited,
    outside,
    set_up,
    sign_in,
    wait_for_next_code,
)
from tests.support.visitor import Visitor

NEW = "another fine long one"


async def test_new_password_ends_the_other_sessions_and_not_this_one(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app) as other:
        await set_up(mine, jo.link, codes=False)
        await sign_in(other, jo.email)
        await mine.open("/account/password")
        await mine.send({"old": "not mine at all", "password": NEW}, action="")
        assert "This is not your password" in mine.text()
        await mine.send({"old": PASSWORD, "password": "password1234"}, action="")
        assert mine.page.status_code == 422
        await mine.send({"old": PASSWORD, "password": NEW}, action="")
        assert "Your password was changed." in mine.text()
        assert (await other.open("/")).url.path == "/sign-in"
        await sign_in(other, jo.email)
        assert other.page.status_code == 422
        await sign_in(other, jo.email, NEW)
        assert other.page.url.path == "/"


async def test_account_lists_sessions_and_signs_out_everywhere(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app) as other:
        await set_up(mine, jo.link, codes=False)
        other.http.headers["user-agent"] = "<script>alert(1)</script>"
        await sign_in(other, jo.email)
        await mine.open("/account")
        assert ("2 sessions" in mine.text(), "<script>alert" in mine.page.text) == (True, False)
        await mine.send(action="/account/sign-out-everywhere")
        for one in (mine, other):
            assert (await one.open("/account")).url.path == "/sign-in"


async def test_adviser_switches_codes_on_and_off(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app) as later:
        await set_up(mine, jo.link, codes=False)
        await mine.open("/account/codes")
        secret = mine.page.text.split('name="totp_secret" value="')[1].split('"')[0]
        await mine.send({"code": code(secret), "password": "not mine at all"}, action="/codes/on")
        assert mine.page.status_code == 422
        await mine.send({"code": code(secret), "password": PASSWORD}, action="/codes/on")
        assert "Your recovery codes" in mine.text()
        await sign_in(later, jo.email)
        assert later.page.url.path == "/sign-in/code"
        await wait_for_next_code(earnest)
        await mine.open("/account/codes")
        await mine.send({"code": code(secret)}, action="/codes/off")
        assert "One-time codes are off." in mine.text()


async def test_coordinators_codes_stay_on(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as mine:
        secret = await set_up(mine, ada.link, codes=True)
        await wait_for_next_code(earnest)
        await mine.open("/account/codes")
        await mine.send({"code": code(secret)}, action="/codes/off")
        assert mine.page.status_code == 409


async def test_person_of_two_schools_changes_over(earnest: World) -> None:
    first = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    second = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_B)
    stranger = await invited(earnest, Role.ADVISER, "z@x.example", school_id=SCHOOL_B)
    async with outside(earnest.app) as mine:
        await set_up(mine, first.link, codes=False)
        await mine.open("/account")
        await mine.send({"staff_id": str(stranger.staff_id)}, action="/change-over")
        assert mine.page.status_code == 404
        await mine.open("/account")
        before = mine.http.cookies["__Host-hub_session"]
        await mine.send({"staff_id": str(second.staff_id)}, action="/change-over")
        assert f"You are at School {SCHOOL_B} now." in mine.text()
        assert mine.http.cookies["__Host-hub_session"] != before


async def test_adviser_who_is_coordinator_too_shows_a_code_before_changing_over(earnest: World) -> None:
    await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    hub = await invited(earnest, Role.HUB, "jo@x.example")
    async with outside(earnest.app) as mine:
        await set_up(mine, hub.link, codes=True)
        async with earnest.owner() as conn:
            await conn.execute("UPDATE session SET second_factor = false")
        await mine.open("/account")
        await mine.send(action="/change-over")
        assert mine.page.url.path == "/sign-in/code"


async def test_form_sent_after_its_session_is_kept_for_its_person(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    ben = await invited(earnest, Role.HUB, "ben@hub.example", name="Ben")
    async with outside(earnest.app) as mine, outside(earnest.app) as other:
        await set_up(other, ben.link, codes=True)
        secret = await set_up(mine, ada.link, codes=True)
        await type_a_person(mine, earnest, ada.staff_id)
        assert mine.page.url.path == "/sign-in"
        assert "What you typed is kept" in mine.text()
        await wait_for_next_code(earnest)
        await mine.send({"email": ada.email, "password": PASSWORD}, action="/sign-in")
        await mine.send({"code": code(secret)}, action="/sign-in/code")
        kept = mine.page.url.path
        assert "Send what you typed" in mine.text()
        assert (await other.open(kept)).status_code == 404
        await mine.send(action="/staff/new")
        assert "O&#39;Neill &lt;b&gt; was added" in mine.page.text
        assert await earnest.count("kept_form") == 1


async def type_a_person(mine: Visitor, earnest: World, staff_id: UUID) -> None:
    """Fill in a form and let the session end before it is sent."""
    await mine.open("/staff/new?role=operator")
    async with earnest.owner() as conn:
        await conn.execute("UPDATE session SET seen_at = now() - interval '3 hours' WHERE staff_id = $1", staff_id)
    await mine.send({"name": "O'Neill <b>", "email": "o@hub.example"}, action="/staff/new")


async def test_form_of_somebody_else_and_a_password_are_not_kept(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine:
        await set_up(mine, jo.link, codes=False)
        await mine.open("/account/password")
        async with earnest.owner() as conn:
            await conn.execute("UPDATE session SET seen_at = now() - interval '3 hours'")
        await mine.send({"old": PASSWORD, "password": NEW}, action="")
        assert mine.page.status_code == 401
        forged = await mine.http.post("/staff/new", data={"name": "X", "csrf_token": "0" * 64})
        assert forged.status_code == 403
        assert await earnest.count("kept_form") == 0


async def test_upkeep_drops_what_is_long_over_and_nothing_else(earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as mine, outside(earnest.app, address="203.0.113.1") as stranger:
        await set_up(mine, jo.link, codes=False)
        await sign_in(stranger, jo.email, "a guess that is wrong")
        async with Database.open(earnest.app.state.settings, role=WORKER_ROLE) as worker:
            async with worker.transaction() as tx:
                await forget(tx)
            assert [await earnest.count(table) for table in ("session", "attempt", "known_browser")] == [1, 3, 1]
            async with earnest.owner() as conn:
                for table, column in (("session", "expires_at"), ("attempt", "last_at"), ("known_browser", "used_at")):
                    await conn.execute(f"UPDATE {table} SET {column} = now() - $1::interval", timedelta(days=200))
            async with worker.transaction() as tx:
                await forget(tx)
            assert [await earnest.count(table) for table in ("session", "attempt", "known_browser")] == [0, 0, 0]


async def test_demo_has_no_passwords(world: World) -> None:
    staff_id = (await world.hub.get("/me")).json()["staff_id"]
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(staff_id)
        assert "the demo's door" in (await visitor.open("/account")).text.replace("&#39;", "'")
        assert (await visitor.open("/account/password")).status_code == 404
