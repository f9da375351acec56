"""Bringing in students by a file: errors by row and column, a preview, confirming once."""

from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_B, World, csv_of, student
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser
from tests.support.visitor import Visitor


async def send(visitor: Visitor, content: bytes, **fields: str) -> None:
    """Send a file from the page of uploads."""
    await visitor.open("/students/upload")
    await visitor.send(fields, action="/students/upload", files={"file": ("class.csv", content, "text/csv")})


async def names(world: World) -> list[str]:
    """First names of a school's students who have not left."""
    async with world.owner() as conn:
        rows = await conn.fetch("SELECT first_name FROM student WHERE left_at IS NULL ORDER BY mis_id")
    return [row["first_name"] for row in rows]


async def test_file_shows_what_would_change_and_changes_it_once_confirmed(rounds: RoundWorld) -> None:
    before = await names(rounds.world)
    async with adviser(rounds.world) as ann:
        await send(ann, csv_of(student("1001", first_name="=Eryn"), student("1002", first_name="Zoë"), student("1099")))
        assert "Check what will change" in ann.text()
        assert "1 added 2 changed 0 the same 0 left the school" in ann.text()
        assert "first name: Erin → =Eryn" in ann.text()
        assert "1 students of the school are not in this file" in ann.text()
        assert await names(rounds.world) == before
        preview = ann.page
        await ann.send(action="")
        assert "Your students are in" in ann.text()
        assert "=Eryn" in await names(rounds.world)
        ann.page = preview
        await ann.send(action="")
        assert "Your students are in" in ann.text()
    assert [fact["created"] for fact in await rounds.facts("StudentsEntered")][-1:] == [1]
    assert (await rounds.fetch("SELECT content FROM student_file"))[0]["content"] is None


async def test_absent_students_leave_only_when_the_box_is_ticked(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await send(ann, csv_of(student("1001")), absent="left")
        assert "2 left the school" in ann.text()
        await ann.send(action="")
    assert await rounds.world.count("student WHERE left_at IS NOT NULL") == 2


async def test_errors_name_row_and_column_and_the_mended_file_is_taken(rounds: RoundWorld) -> None:
    hostile = student("1001", date_of_birth="31/02/2011", travel_modes="<script>alert(1)</script>")
    wrong = csv_of(hostile, student("1002", year_group="3"))
    async with adviser(rounds.world) as ann:
        await send(ann, wrong)
        assert "3 errors; nothing was taken" in ann.text()
        assert "2 date_of_birth there is no day 31/02/2011" in ann.text()
        assert "3 year_group 3 is not between 7 and 13" in ann.text()
        assert "<script>alert" not in ann.page.text
        await ann.send(
            action="/students/upload",
            files={"file": ("class.csv", csv_of(student("1001", first_name="Ada")), "text/csv")},
        )
        await ann.send(action="")
        assert "Your students are in" in ann.text()
    assert "Ada" in await names(rounds.world)


async def test_no_file_an_empty_one_and_one_that_is_no_csv_are_told(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/upload")
        await ann.send(action="/students/upload", files={"other": ("x", b"x", "text/csv")})
        assert ann.page.status_code == 422
        assert "Choose a file that is not empty" in ann.page.text
        await send(ann, b"")
        assert "Choose a file that is not empty" in ann.page.text
        for content in (b"PK\x03\x04\x00\x00", b'a,"b\n', b"mis_id\n"):
            await send(ann, content)
            assert "There is a problem with your file" in ann.text(), content


async def test_template_has_every_column(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        page = await ann.open("/students/upload/template.csv")
        assert page.text.lstrip("\ufeff").startswith("upn,mis_id,first_name")
        assert page.headers["content-type"] == "text/csv; charset=utf-8"


async def test_file_of_somebody_else_is_not_there(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann, adviser(rounds.world) as other, adviser(rounds.world, SCHOOL_B) as ben:
        await send(ann, csv_of(student("1001", first_name="Ada")))
        for visitor in (other, ben):
            assert (await visitor.open(ann.page.url.path)).status_code == 404
        assert (await ann.open(f"/students/upload/{new_id()}")).status_code == 404


async def test_service_stopped_meanwhile_can_be_started_again(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await send(ann, csv_of(student("1001", first_name="Ada")))
        address = ann.page.url.path
        await rounds.execute("UPDATE student_file SET state = 'taking', changed_at = now()")
        await ann.open(address)
        assert "Start again" not in ann.text()
        await rounds.execute("UPDATE student_file SET changed_at = now() - interval '3 minutes'")
        await ann.open(address)
        await ann.send(action="")
        assert "Your students are in" in ann.text()
    assert "Ada" in await names(rounds.world)
