"""Searching finds what a person may see, whatever is typed, and students found count as seen."""

import pytest

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World, csv_of, student
from tests.integration.registry_web.test_signing_in import coordinator
from tests.support.visitor import Visitor


async def _entered(world: World) -> tuple[str, str]:
    """Students of two schools and a slot; gives an adviser of the first, and an employer's person."""
    await world.with_schools()
    _, employer_id = await world.with_slots()
    for school, mis_id, name in ((SCHOOL_A, "1001", "Erin"), (SCHOOL_B, "1002", "Erica")):
        adviser = await world.staff("adviser", school_id=school)
        await world.upload(adviser, f"/schools/{school}/students/import", csv_of(student(mis_id, first_name=name)))
    somebody = await world.staff("adviser", school_id=SCHOOL_A)
    employed = await world.staff("employer", employer_id=employer_id)
    return tuple([(await one.get("/me")).json()["staff_id"] for one in (somebody, employed)])


async def test_hub_finds_students_of_every_school_and_each_is_noted(world: World) -> None:
    await _entered(world)
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        await visitor.open("/search?q=eri")
        assert "Erin Lunt" in visitor.text()
        assert "Erica Lunt" in visitor.text()
        assert await world.count("student_view") == 2


async def test_adviser_finds_own_students_alone_and_employer_none(world: World) -> None:
    adviser, employed = await _entered(world)
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(adviser)
        await visitor.open("/search?q=eri")
        assert "Erin Lunt" in visitor.text()
        assert "Erica" not in visitor.text()
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(employed)
        await visitor.open("/search?q=eri")
        assert "Nothing that you may see is called" in visitor.text()
        await visitor.open("/search?q=GAMES")
        assert "A week making games" in visitor.text()


@pytest.mark.parametrize("words", ["%25", "__", "%27%3B--", "%5C%5C", "<script>", "\u202e\u202e", "a" * 200])
async def test_whatever_is_typed_is_only_text(world: World, words: str) -> None:
    await _entered(world)
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await coordinator(world))
        page = await visitor.open(f"/search?q={words}")
        assert page.status_code == 200
        assert "Erin" not in visitor.text()
        assert "<script>alert" not in page.text
