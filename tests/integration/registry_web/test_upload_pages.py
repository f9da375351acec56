"""Files sent by page: errors by row and column, a preview, confirming once, large ones beside other requests."""

import asyncio
import json
import os
import signal
from uuid import UUID

from hub_registry.access.principal import Principal
from hub_registry.uploads.workshop import HERE_BYTES
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
        assert "1 student of the school is not in this file" in ann.text()
        assert await names(rounds.world) == before
        preview = ann.page
        await ann.send(action="")
        assert "Your file is in" in ann.text()
        assert "=Eryn" in await names(rounds.world)
        ann.page = preview
        await ann.send(action="")
        assert "Your file is in" in ann.text()
    assert [fact["created"] for fact in await rounds.facts("StudentsEntered")][-1:] == [1]
    assert (await rounds.fetch("SELECT content FROM upload"))[0]["content"] is None


async def test_access_need_no_slot_provides_is_a_warning_in_the_preview_and_is_taken(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await send(ann, csv_of(student("1001", access_needs="step_fre"), student("1099", access_needs="bsl")))
        assert "Row 2, column access_needs: no slot provides 'step_fre'" in ann.text()
        assert "Did you mean step_free? Known are step_free, wheelchair, quiet_space, bsl" in ann.text()
        await ann.send(action="")
    assert await rounds.world.count("student WHERE access_needs = '{step_fre}'") == 1


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
        assert 'href="/students/upload"' in ann.page.text
        await send(ann, csv_of(student("1001", first_name="Ada")))
        await ann.send(action="")
        assert "Your file is in" in ann.text()
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
            assert (await visitor.open(f"{ann.page.url.path}/events")).status_code == 404
            await visitor.open("/students/upload")
            token = visitor.form("/students/upload")[1].partition('name="csrf_token" value="')[2].partition('"')[0]
            assert (await visitor.http.post(ann.page.url.path, data={"csrf_token": token})).status_code == 404
        assert (await ann.open(f"/uploads/{new_id()}")).status_code == 404


async def test_service_stopped_meanwhile_can_be_started_again(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        for state in ("checking", "taking"):
            await send(ann, csv_of(student("1001", first_name=f"Ada {state}")))
            address = ann.page.url.path
            await rounds.execute("UPDATE upload SET state = $1, changed_at = now()", state)
            await ann.open(address)
            assert "Start again" not in ann.text()
            await rounds.execute("UPDATE upload SET changed_at = now() - interval '1 minute' WHERE state = $1", state)
            await ann.open(address)
            assert "Nothing of it was taken" in ann.text()
            await ann.send(action=address)
            if state == "checking":
                assert "Check what will change" in ann.text()
                await ann.send(action=address)
            assert "Your file is in" in ann.text()
            assert f"Ada {state}" in await names(rounds.world)
            await rounds.execute("DELETE FROM upload")


def large(first_name: str) -> bytes:
    """A school's file that is worked on in a process of its own."""
    row = len(csv_of(student("1001"))) - len(csv_of(student("1001")).partition(b"\r\n")[0])
    many = HERE_BYTES // row + 500
    return csv_of(*(student(str(10_000 + at), upn="", first_name=first_name) for at in range(many)))


async def at_work(rounds: RoundWorld) -> int:
    """Wait until a process works on a file; gives its id."""
    async with asyncio.timeout(20):
        while not rounds.world.app.state.workshop.working:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.05)
    process: int
    [process] = rounds.world.app.state.workshop.working
    return process


async def test_large_file_is_worked_on_in_a_process_of_its_own_and_tells_how_far_it_is(rounds: RoundWorld) -> None:
    content = large("Ada")
    rows = content.count(b"\n") - 1
    async with adviser(rounds.world) as ann, adviser(rounds.world) as other:
        sending = asyncio.create_task(send(ann, content))
        await at_work(rounds)
        assert (await other.open("/accessibility")).status_code == 200
        await sending
        assert "Check what will change" in ann.text()
        assert f"{rows:,} added" in ann.text()
        assert f"The first 100 of {rows:,} changes" in ann.text()
        assert len(ann.page.content) < 60_000
        address = ann.page.url.path
        late = (await ann.http.get(f"{address}/events")).text
        assert late.endswith('event: over\ndata: {"state": "checked"}\n\n')
        await rounds.execute(
            "UPDATE upload SET state = 'taking', step = 'writing', rows_done = 1000, rows_total = 2500"
        )
        following = asyncio.create_task(ann.http.get(f"{address}/events"))
        await ann.open(address)
        assert "1,000 of 2,500 rows" in ann.text()
        assert "Writing what is new or changed" in ann.text()
        await asyncio.sleep(1)
        await rounds.execute("UPDATE upload SET state = 'checked'")
        answer = await asyncio.wait_for(following, 10)
        told = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
        assert (told[0]["rows"], told[-1]) == ("1,000 of 2,500 rows", {"state": "checked"})
        await ann.open(address)
        await ann.send(action=address)
        assert "Your file is in" in ann.text()
    assert (await names(rounds.world)).count("Ada") == rows


async def test_process_that_is_killed_leaves_nothing_half_done_and_the_file_can_be_tried_again(
    rounds: RoundWorld,
) -> None:
    before = await names(rounds.world)
    async with adviser(rounds.world) as ann:
        await send(ann, large("Ada"))
        address = ann.page.url.path
        # Something else holds the school's students, so that the process is surely in the middle of its work.
        async with rounds.world.owner() as conn, conn.transaction():
            await conn.execute("SELECT FROM student FOR UPDATE")
            taking = asyncio.create_task(ann.send(action=address))
            process = await at_work(rounds)
            await asyncio.sleep(0.5)
            os.kill(process, signal.SIGKILL)
            await asyncio.wait_for(taking, 20)
        assert "Your file could not be taken" in ann.text()
        assert "nothing was changed" in ann.text()
        assert await names(rounds.world) == before
        await ann.send(action=address)
        assert "Your file is in" in ann.text()
    assert len(await names(rounds.world)) > len(before)


async def test_two_at_work_on_one_file_take_it_once(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await send(ann, csv_of(student("1099", first_name="Ada")))
        address = ann.page.url.path
        upload_id = UUID(address.rpartition("/")[2])
        await ann.send(action=address)
        receipts = await rounds.world.count("import_receipt")
        # As if the one that took it had only seemed to be gone when another was begun.
        [row] = await rounds.fetch("SELECT s.* FROM upload JOIN staff s USING (staff_id)")
        await rounds.world.app.state.workshop.take_up(upload_id, 1, by=Principal.of(row))
        assert await rounds.world.count("import_receipt") == receipts
        await ann.open(address)
        assert "1 added" in ann.text()
