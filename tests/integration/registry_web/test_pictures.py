"""Pictures at the pages: really drawn, each with its table; a school sees its own part, nobody else anything."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from hub_registry.pictures.easel import Easel, NotDrawn
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import coordinator, person, refused_to_others
from tests.support.visitor import Visitor

SVG = "{http://www.w3.org/2000/svg}"


async def drawn(visitor: Visitor, address: str) -> ElementTree.Element:
    """Fetch a picture and make sure that it obeys the pages' security policy also when it is opened by itself."""
    answer = await visitor.http.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    root = ElementTree.fromstring(answer.text)  # noqa: S314 -- our own
    for element in root.iter():
        assert element.tag not in {f"{SVG}style", f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject", f"{SVG}a"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on") or "href" in name]
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    return root


def pictures(visitor: Visitor) -> list[str]:
    """Addresses of the pictures on the open page."""
    return [unescape(found) for found in re.findall(r'(?:src|srcset)="([^"]+\.svg[^"]*)"', visitor.page.text)]


async def test_hub_sees_every_picture_of_a_run_drawn_in_both_widths(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with coordinator(rounds.world) as visitor:
        page = await visitor.open(f"/runs/{run_id}/pictures")
        assert page.status_code == 200
        addresses = pictures(visitor)
        assert len(addresses) >= 4
        assert page.text.count("<figcaption") * 2 == len(addresses)
        assert page.text.count("The same as a table") * 2 == len(addresses)
        assert 'alt=""' not in page.text
        for address in addresses:
            await drawn(visitor, address)
        assert (await visitor.http.get(f"/runs/{run_id}/pictures/ranks-huge.svg")).status_code == 404
        assert (await visitor.http.get(f"/runs/{run_id}/pictures/nothing-wide.svg")).status_code == 404


async def test_hub_sees_how_full_each_day_is_at_each_employer(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    here = f"/runs/{run_id}/days"
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/runs/{run_id}/pictures")
        assert f'href="{here}"' in visitor.page.text
        await visitor.open(f"{here}?q=tern%25")
        assert "No employer of this run is called so." in visitor.text()
        await visitor.open(f"{here}?q=e-tern")
        assert "Tern Tide Games Studio (invented) (E-TERN) 3 of 6 3 of 6" in visitor.text()
        assert "Employers 1 to 1 of 1" in visitor.text()
        for address in pictures(visitor):
            assert "?q=e-tern" in address
            await drawn(visitor, address)
        assert (await visitor.http.get(f"{here}/days-wide.svg")).status_code == 404
    await refused_to_others(rounds, here, f"{here}/employer-days-wide.svg")


async def test_pictures_that_are_kept_follow_slots_and_leave_out_who_is_gone(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    here = f"/runs/{run_id}/pictures"
    async with coordinator(rounds.world) as visitor:
        await visitor.open(here)
        await visitor.open(here)
        assert "3 of 6" in visitor.text()
        await rounds.fetch("UPDATE slot SET capacity = capacity + 41 RETURNING slot_id")
        await visitor.open(here)
        assert "3 of 88" in visitor.text()
        assert "Map of 2 schools" in visitor.page.text
        await rounds.fetch("UPDATE placement SET school_id = $1 RETURNING student_id", SCHOOL_B)
        await rounds.fetch("UPDATE unplaced SET school_id = $1 RETURNING student_id", SCHOOL_B)
        await visitor.open(here)
        assert "Map of 1 school " in visitor.page.text
        gone = (
            "DELETE FROM placement WHERE student_id = (SELECT student_id FROM placement LIMIT 1) RETURNING student_id"
        )
        assert len(await rounds.fetch(gone)) == 1
        await visitor.open(here)
        assert "2 of 88" in visitor.text()


async def test_a_run_is_there_for_its_hub_alone(rounds: RoundWorld) -> None:
    run_id = await rounds.published()
    here = f"/runs/{run_id}/pictures"
    await refused_to_others(rounds, here, f"{here}/ranks-wide.svg", f"{here}/journeys-narrow.svg")


async def test_run_without_a_result_has_no_pictures_yet(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    async with coordinator(rounds.world) as visitor:
        assert (await visitor.open(f"/runs/{run_id}/pictures")).status_code == 409


async def test_school_sees_its_own_part_once_it_is_published_and_no_more(rounds: RoundWorld) -> None:
    run_id = await rounds.approved()
    here = f"/rounds/{rounds.round_id}/pictures"
    people = [await person(rounds.world, "adviser", school_id=school) for school in (SCHOOL_A, SCHOOL_B)]
    async with Visitor(rounds.world.app) as visitor:
        await visitor.sign_in(people[0])
        assert (await visitor.open(here)).status_code == 404
    await rounds.ok(rounds.hub.post(f"/runs/{run_id}/publication"))
    async with coordinator(rounds.world) as visitor:  # the whole is kept from now on, for the hub alone
        assert (await visitor.open(here)).status_code == 200
    for school, staff_id in zip((SCHOOL_A, SCHOOL_B), people, strict=True):
        query = "SELECT count(*) FROM placement WHERE run_id = $1::text::uuid AND school_id = $2"
        ((placed,),) = await rounds.fetch(query, run_id, school)
        async with Visitor(rounds.world.app) as visitor:
            await visitor.sign_in(staff_id)
            assert (await visitor.open(here)).status_code == 200
            assert f"of {placed} placement" in visitor.page.text
            assert len(pictures(visitor)) == 4
            for address in pictures(visitor):
                await drawn(visitor, address)


async def test_employer_sees_no_pictures_of_a_round(rounds: RoundWorld) -> None:
    await rounds.published()
    staff_id = await person(rounds.world, "employer", employer_id=rounds.employer_id)
    async with Visitor(rounds.world.app) as visitor:
        await visitor.sign_in(staff_id)
        for address in ("", "/ranks-wide.svg", "/journeys-narrow.svg"):
            assert (await visitor.http.get(f"/rounds/{rounds.round_id}/pictures{address}")).status_code == 404


async def test_what_cannot_be_drawn_costs_nobody_else() -> None:
    async with Easel.open() as easel:
        with pytest.raises(NotDrawn):
            await easel.draw('{"kind": "nothing"}')
        order = (
            '{"kind": "ranks", "rows": [{"what": "<b>1st", "number": 2, "share": ""}], "width": "wide",'
            ' "title": "<script>", "description": "\'&\\""}'
        )
        svg = (await easel.draw(order)).decode()
        assert "<script" not in svg
        assert "<b>" not in svg
        assert await easel.draw(order) == svg.encode()
