"""Staff: adding somebody, inviting them, changing them; for coordinators only."""

import re
from collections.abc import AsyncIterator

import pytest

from hub_registry.access.principal import Role
from tests.integration.registry.world import SCHOOL_A, World
from tests.integration.registry_web.people import code, invited, outside, set_up, sign_in
from tests.support.visitor import Visitor


@pytest.fixture
async def ada(earnest: World) -> AsyncIterator[Visitor]:
    """A coordinator who is signed in."""
    person = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor:
        await set_up(visitor, person.link, codes=True)
        yield visitor


async def add_adviser(ada: Visitor, **fields: str) -> None:
    await ada.open("/staff/new")
    await ada.open("/staff/new?role=adviser&q=School")
    given = {"name": "Jo Bloggs", "email": "jo@x.example", "school_id": SCHOOL_A, **fields}
    await ada.send(given, action="/staff/new")


def link_on(page: str) -> str:
    found = re.search(r"https://registry(/invitation/hub_[\w-]{43})", page)
    assert found, page
    return found[1]


async def test_coordinator_adds_an_adviser_and_passes_the_link_on(ada: Visitor, earnest: World) -> None:
    await add_adviser(ada)
    assert "Jo Bloggs was added" in ada.text()
    person = ada.page.url.path
    await ada.send(action="/invitation")
    link = link_on(ada.page.text)
    assert "invitation/hub_" not in (await ada.open(person)).text
    async with outside(earnest.app) as jo:
        await set_up(jo, link, codes=False)
        assert (await jo.open("/staff")).status_code == 404
    assert "used" in (await ada.open(person)).text
    async with earnest.owner() as conn:
        made = await conn.fetch("SELECT action FROM audit WHERE subject_kind = 'invitation' AND staff_id IS NOT NULL")
        secrets = await conn.fetchval("SELECT count(*) FROM audit WHERE after::text || before::text ~ 'argon2'")
    assert [row["action"] for row in made].count("created") >= 1
    assert secrets == 0


async def test_wrong_forms_say_what_is_wrong(ada: Visitor) -> None:
    await add_adviser(ada, name="", email="not an address")
    assert ada.page.status_code == 422
    assert all(f'id="{name}-error"' in ada.page.text for name in ("name", "email"))
    await add_adviser(ada, school_id="999999")
    assert 'id="school_id-error"' in ada.page.text
    await add_adviser(ada)
    await add_adviser(ada, email="JO@x.example")
    assert "there already" in ada.text()


async def test_hostile_names_are_text(ada: Visitor) -> None:
    await add_adviser(ada, name="<img src=x onerror=alert(1)>")
    assert "<img" not in ada.page.text
    assert "<img" not in (await ada.open("/staff?q=%3Cimg")).text
    assert "onerror" in ada.text()


async def test_sending_twice_adds_once(ada: Visitor, earnest: World) -> None:
    before = await earnest.count("staff")
    await ada.open("/staff/new?role=operator")
    first = ada.page
    await ada.send({"name": "Op", "email": "op@x.example"}, action="/staff/new")
    ada.page = first
    await ada.send({"name": "Op", "email": "op@x.example"}, action="/staff/new")
    assert ada.page.status_code == 200
    assert await earnest.count("staff") == before + 1


async def test_who_is_made_inactive_or_has_a_new_address_is_out(ada: Visitor, earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor:
        await set_up(visitor, jo.link, codes=False)
        await ada.open(f"/staff/{jo.staff_id}/edit")
        await ada.send({"name": "Jo", "email": "new@x.example"}, action="")
        assert "Saved." in ada.text()
        assert (await visitor.open("/")).url.path == "/sign-in"
        await sign_in(visitor, "jo@x.example")
        assert "You can't sign in yet" in visitor.text()
        again = await invited(earnest, Role.ADVISER, "new@x.example", staff_id=jo.staff_id)
        await set_up(visitor, again.link, codes=False)
        await ada.open(f"/staff/{jo.staff_id}")
        await ada.send(action="/active")
        assert (await visitor.open("/")).url.path == "/sign-in"


async def test_two_who_change_the_same_see_both(ada: Visitor, earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    await ada.open(f"/staff/{jo.staff_id}/edit")
    async with earnest.owner() as conn:
        await conn.execute("UPDATE staff SET name = 'Theirs' WHERE staff_id = $1", jo.staff_id)
    await ada.send({"name": "Mine", "email": jo.email}, action="")
    assert (ada.page.status_code, "Theirs" in ada.text(), "Mine" in ada.text()) == (412, True, True)
    await ada.send({"name": "Mine", "email": jo.email}, action="")
    assert "Saved." in ada.text()


async def test_signed_out_everywhere_by_the_hub(ada: Visitor, earnest: World) -> None:
    jo = await invited(earnest, Role.ADVISER, "jo@x.example", school_id=SCHOOL_A)
    async with outside(earnest.app) as visitor:
        await set_up(visitor, jo.link, codes=False)
        await ada.open(f"/staff/{jo.staff_id}")
        await ada.send(action="/sessions/end")
        assert (await visitor.open("/")).url.path == "/sign-in"


async def test_nobody_shuts_themselves_out(ada: Visitor, earnest: World) -> None:
    async with earnest.owner() as conn:
        staff_id = await conn.fetchval("SELECT staff_id FROM staff WHERE email = 'ada@hub.example'")
    await ada.open(f"/staff/{staff_id}")
    await ada.send(action="/active")
    assert "ask another coordinator" in ada.text()


async def test_raw_roles_see_no_hashes_and_no_other_hubs_accounts(earnest: World) -> None:
    ada = await invited(earnest, Role.HUB, "ada@hub.example")
    async with outside(earnest.app) as visitor:
        assert code(await set_up(visitor, ada.link, codes=True))
    async with earnest.as_role("hub_registry_app", hub_id=str(earnest.hub_id), role="hub") as conn:
        assert await conn.fetchval("SELECT count(email) FROM account") == 1
    for group, query in (
        ("hub_registry_app", "SELECT password_hash FROM account"),
        ("hub_registry_app", "SELECT totp_secret FROM account"),
        ("hub_registry_app", "SELECT * FROM recovery_code"),
        ("hub_registry_app", "SELECT * FROM visit"),
        ("hub_registry_import", "SELECT email FROM account"),
        ("hub_registry_door", "SELECT * FROM student"),
        ("hub_registry_door", "UPDATE staff SET role = 'hub'"),
    ):
        async with earnest.as_role(group, hub_id=str(earnest.hub_id), role="hub") as conn:
            with pytest.raises(Exception, match="permission denied"):
                await conn.execute(query)
    for role, hub in (("adviser", earnest.hub_id), ("hub", "00000000-0000-0000-0000-000000000000")):
        async with earnest.as_role("hub_registry_app", hub_id=str(hub), role=role) as conn:
            assert await conn.fetchval("SELECT count(email) FROM account") == 0
