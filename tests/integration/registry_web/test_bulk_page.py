"""The same change for all students that a filter shows."""

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser
from tests.integration.registry_web.typing_days import days


async def test_all_who_match_the_filter_are_changed_and_nobody_else(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE student SET consent = '' WHERE mis_id <> '1001'")
    async with adviser(rounds.world) as ann:
        await ann.open("/students/bulk?consent=unknown")
        assert "Change 2 students at once" in ann.text()
        assert "Zoë" in ann.text()
        changes = {
            "change": ["consent", "max_travel_minutes", "travel_modes", "available"],
            "consent": "yes",
            "max_travel_minutes": "25",
            "travel_modes": ["walk", "cycle"],
            **days(1, "28 6 2027", "28 6 2027"),
        }
        form = ann.page
        await ann.send(changes)
        assert "2 students changed." in ann.page.text
        ann.page = form
        await ann.send(changes)
        assert "2 students changed." not in ann.page.text
    rows = await rounds.fetch(
        "SELECT mis_id, consent, max_travel_minutes, travel_modes, available FROM student ORDER BY mis_id"
    )
    changed = ("yes", 25, ["walk", "cycle"], "2027-06-28")
    assert [tuple(row)[1:] for row in rows if row["mis_id"] in ("1002", "1003")] == [changed, changed]
    assert tuple(rows[0])[1:] == ("yes", None, ["walk", "public_transport"], "")
    assert rows[-1]["consent"] == ""
    assert (await rounds.facts("StudentsEntered"))[-1]["updated"] == 2
    assert await rounds.world.count("audit WHERE subject_kind = 'student' AND action = 'changed'") >= 2


async def test_only_what_is_ticked_is_changed_and_wrong_fields_are_told(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/bulk")
        await ann.send({"change": "consent", "consent": "no", "max_travel_minutes": "5"})
        await ann.open("/students/bulk")
        await ann.send({"max_travel_minutes": "5"})
        assert "Choose what to change" in ann.page.text
        await ann.send(
            {"change": ["consent", "max_travel_minutes", "travel_modes", "available"], "max_travel_minutes": "-1",
             "consent": "perhaps", **days(2, "31 2 2027", "1 7 2027")}
        )  # fmt: skip
        assert ann.page.status_code == 422
        for told in (
            "-1 is negative",
            "Choose at least one way",
            "First day 2: enter a day that exists",
            '<details class="govuk-details" open>',
            "what the parents said",
        ):
            assert told in ann.page.text, told
    rows = await rounds.fetch("SELECT DISTINCT school_id, consent, max_travel_minutes FROM student ORDER BY school_id")
    assert [tuple(row) for row in rows] == [(SCHOOL_A, "no", None), (SCHOOL_B, "yes", None)]


async def test_other_students_match_by_now_changes_nothing(rounds: RoundWorld) -> None:
    async with adviser(rounds.world) as ann:
        await ann.open("/students/bulk?year=10")
        await rounds.execute("UPDATE student SET year_group = 11 WHERE mis_id = '1003'")
        await ann.send({"change": "consent", "consent": "no"})
        assert ann.page.status_code == 412
    assert await rounds.world.count("student WHERE consent = 'no'") == 0
