"""A student who is erased: the rows go from inputs and results, the ids stay known, no replay brings them back."""

from uuid import UUID

from hub_matching.inputs.checking import check_next
from hub_matching.inputs.repository import load_tables
from hub_schemas.events.entries import StudentErased
from hub_schemas.ids import HubId, ParticipantId, StudentId, new_id
from tests.integration.matching.support import Matching
from tests.support.instances import market

GONE = "s0003"
MENTIONED = """
    SELECT (SELECT count(*) FROM input_table WHERE position($1::bytea IN content) > 0)
         + (SELECT count(*) FROM input_chunk WHERE position($2 IN rows) > 0)
         + (SELECT count(*) FROM run_result WHERE position($2 IN rows) > 0)
"""


def erased(*participants: str) -> StudentErased:
    return StudentErased(
        student_id=StudentId(UUID(int=3)), participant_ids=tuple(ParticipantId(each) for each in participants)
    )


async def mentions(matching: Matching, participant: str) -> int:
    return int(await matching.one(MENTIONED, participant.encode(), participant))


async def test_rows_go_from_a_held_input_which_can_not_be_run_again(matching: Matching) -> None:
    round_ = market()
    waiting, later = round_.requested(), round_.requested()
    async with matching.open() as db:
        await matching.handle(db, *round_.chunks(), round_.closed(), waiting)
        await check_next(db)
        assert await mentions(matching, GONE) > 0
        await matching.handle(db, erased(GONE), later, erased(GONE))
        async with db.connection() as conn:
            left = await load_tables(conn, round_.input_id)
    assert await mentions(matching, GONE) == 0
    assert left["slots"] == round_.files["slots"]
    assert left["students"].count(b"\n") == round_.files["students"].count(b"\n") - 1
    assert await matching.one("SELECT count(*) FROM job") == 0
    failed = await matching.staged("RunFailed")
    assert [(fact["run_id"], fact["code"]) for fact in failed] == [
        (str(waiting.run_id), "refused"),
        (str(later.run_id), "refused"),
    ]
    assert "erased" in failed[0]["reason"]


async def test_rows_go_from_results_and_the_other_students_stay(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.running():
        await matching.send(*round_.chunks(), round_.closed(), asked)
        await matching.ended(asked.run_id)
        assert await mentions(matching, GONE) > 0
        async with matching.open() as db:
            await matching.handle(db, erased(GONE))
    assert await mentions(matching, GONE) == 0
    assert await mentions(matching, "s0004") > 0
    assert await matching.state(asked.run_id) == "solved"


async def test_replayed_rows_of_an_erased_student_are_not_kept(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.open() as db:
        await matching.handle(db, erased(GONE), *round_.chunks(), round_.closed(), asked)
        await check_next(db)
    assert await mentions(matching, GONE) == 0
    assert await matching.staged("InputHeld") == []
    assert (await matching.staged("RunFailed"))[0]["code"] == "refused"


async def test_rows_go_from_an_input_that_has_half_arrived(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.open() as db:
        await matching.handle(db, asked, *round_.chunks(4)[:-1], erased(GONE), round_.chunks(4)[-1])
        await matching.handle(db, round_.closed(size=4))
        await check_next(db)
    assert await mentions(matching, GONE) == 0
    assert await matching.state(asked.run_id) == "failed"
    assert await matching.one("SELECT count(*) FROM input_table") == 0


async def test_same_id_in_another_hub_is_another_student(matching: Matching) -> None:
    round_ = market()
    async with matching.open() as db:
        await matching.handle(db, *round_.chunks(), round_.closed())
        await check_next(db)
        before = await mentions(matching, GONE)
        await matching.handle(db, erased(GONE), hub_id=HubId(new_id()))
    assert await mentions(matching, GONE) == before > 0
