"""Choosing placements for a student: the search, the list, what is told of demand."""

import re
from uuid import UUID

import pytest

from hub_registry.eligibility import service
from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_B
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser, student_id


async def slot_id(rounds: RoundWorld, ref: str) -> UUID:
    """The id of a slot by its reference."""
    found: UUID = (await rounds.fetch("SELECT slot_id FROM slot WHERE slot_ref = $1", ref))[0]["slot_id"]
    return found


async def ranked(rounds: RoundWorld, mis_id: str) -> list[tuple[str, int]]:
    """A student's stored list."""
    rows = await rounds.fetch(
        "SELECT l.slot_ref, p.rank FROM preference p JOIN slot l USING (slot_id) JOIN student s USING (student_id)"
        " WHERE s.mis_id = $1 ORDER BY p.rank, l.slot_ref",
        mis_id,
    )
    return [(row["slot_ref"], row["rank"]) for row in rows]


async def test_every_slot_says_whether_it_can_be_had_and_if_not_why_in_figures(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.execute("UPDATE student SET max_travel_minutes = 30 WHERE mis_id = '1001'")
    await rounds.execute("UPDATE slot SET mode = 'virtual' WHERE slot_ref = 'S-WEB'")
    async with adviser(rounds.world) as ann:
        address = f"/students/{await student_id(rounds.world, '1001')}/slots"
        await ann.open(address)
        assert "1 of the 2 slots of Summer can work for Erin" in ann.text()
        assert "A week making web pages" in ann.text()
        assert "A week making games" not in ann.text()
        await ann.open(f"{address}?show=all")
        assert "No : 41 min by public transport (estimate), limit 30" in ann.text()
        for query, found in (
            ("show=all&q=s-games", 1),
            ("show=all&q=tern", 2),
            ("show=all&sector=Education", 0),
            ("show=all&place=l1", 2),
            ("show=all&place=online", 1),
            ("show=all&from=29/6/2027", 0),
            ("show=all&from=2027-06-28&to=2/7/2027", 2),
            ("show=all&minutes=40", 1),
        ):
            await ann.open(f"{address}?{query}")
            told = f"{found} slot" if found else "No slot answers this search"
            assert told in ann.text(), query
        await ann.open(f"{address}?minutes=far&from=tomorrow")
        assert ann.page.status_code == 422
        assert "&#39;far&#39; is not a whole number" in ann.page.text


async def test_seats_that_an_earlier_round_gave_to_another_school_are_not_offered_again(rounds: RoundWorld) -> None:
    await rounds.published()
    given = await rounds.fetch(
        "SELECT p.slot_id, l.slot_ref, count(*) AS taken FROM placement p JOIN slot l USING (slot_id)"
        " WHERE p.school_id <> $1 GROUP BY 1, 2",
        SCHOOL_B,
    )
    slot = given[0]
    await rounds.execute("UPDATE slot SET reserved = 0 WHERE slot_id = $1", slot["slot_id"])
    await rounds.execute("DELETE FROM placement WHERE school_id = $1 AND slot_id = $2", SCHOOL_B, slot["slot_id"])
    rounds.round_id = await rounds.new_round(name="Second")
    await rounds.open()
    async with rounds.seen_by("adviser", school_id=SCHOOL_B) as conn:
        told = await conn.fetch("SELECT * FROM seats_taken($1)", UUID(rounds.round_id))
        assert {row["slot_id"]: row["taken"] for row in told}[slot["slot_id"]] == slot["taken"]
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        assert await conn.fetch("SELECT * FROM seats_taken($1)", UUID(rounds.round_id)) == []
    async with rounds.seen_by("adviser", school_id=SCHOOL_B, hub_id=str(new_id())) as conn:
        assert await conn.fetch("SELECT * FROM seats_taken($1)", UUID(rounds.round_id)) == []
    await rounds.execute("UPDATE slot SET capacity = $2 WHERE slot_id = $1", slot["slot_id"], slot["taken"])
    (student,) = await rounds.fetch("SELECT student_id FROM student WHERE school_id = $1 LIMIT 1", SCHOOL_B)
    async with adviser(rounds.world, SCHOOL_B) as bob:
        await bob.open(f"/students/{student['student_id']}/slots?show=all&q={slot['slot_ref']}")
        assert "0 seats" in bob.text()
        assert "No : no seat is left" in bob.text()


async def test_choices_are_added_ordered_tied_and_removed_by_buttons(rounds: RoundWorld) -> None:
    await rounds.open()
    games, web = await slot_id(rounds, "S-GAMES"), await slot_id(rounds, "S-WEB")
    async with adviser(rounds.world) as ann:
        student = await student_id(rounds.world, "1001")
        await ann.open(f"/students/{student}/slots?q=week")
        for slot in (games, web):
            await ann.send({"do": f"add:{slot}"}, action="/choices")
            assert ann.page.url.query == b"q=week"
        assert "2nd choice" in ann.text()
        await ann.open(f"/students/{student}/choices")
        # Both slots are at one postcode: one place on the map, with the numbers of both.
        assert "By choice: 1, 2 at L1 8JX." in ann.text()
        assert ann.page.text.count("<circle") == 1
        offered = re.findall(r'name="do" value="(up|down):([0-9a-f-]+)"', ann.page.text)
        assert offered == [("down", str(games)), ("up", str(web))]
        for step, after in (
            ("up", [("S-WEB", 1), ("S-GAMES", 2)]),
            ("down", [("S-GAMES", 1), ("S-WEB", 2)]),
            ("tie", [("S-GAMES", 1), ("S-WEB", 1)]),
            ("remove", [("S-GAMES", 1)]),
        ):
            await ann.send({"do": f"{step}:{web}"})
            assert await ranked(rounds, "1001") == after, step
            # The row's own buttons are what comes next for who works by keyboard.
            assert step == "remove" or ann.page.url.fragment == f"choice-{web}"
            assert (f'id="choice-{web}" tabindex="-1"' in ann.page.text) == (step != "remove")
    facts = await rounds.facts("PreferencesSubmitted")
    assert [fact["preferences"] for fact in facts] == [1, 2, 2, 2, 2, 1]


async def test_dragged_order_is_kept_unless_somebody_else_changed_the_list(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    games, web = await slot_id(rounds, "S-GAMES"), await slot_id(rounds, "S-WEB")
    async with adviser(rounds.world) as ann, adviser(rounds.world) as ben:
        address = f"/students/{await student_id(rounds.world, '1001')}/choices"
        await ann.open(address)
        await ben.open(address)
        await ann.send({"do": "order", "order": f"{web} {games}"})
        assert await ranked(rounds, "1001") == [("S-WEB", 1), ("S-GAMES", 2)]
        await ben.send({"do": "order", "order": f"{games}+{web}"})
        assert ben.page.status_code == 412
        assert await ranked(rounds, "1001") == [("S-WEB", 1), ("S-GAMES", 2)]
        for order in (f"{web} {web}", f"{web} {new_id()}", "1; DROP TABLE preference"):
            await ann.open(address)
            await ann.send({"do": "order", "order": order})
            assert ann.page.status_code == 422, order
        for step in ("add:not-an-id", f"add:{new_id()}", "destroy:x"):
            await ann.open(address)
            await ann.send({"do": step})
            assert ann.page.status_code == 422, step
        assert await ranked(rounds, "1001") == [("S-WEB", 1), ("S-GAMES", 2)]


async def test_after_the_deadline_the_list_can_only_be_read(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    async with adviser(rounds.world) as ann:
        address = f"/students/{await student_id(rounds.world, '1001')}/choices"
        await ann.open(address)
        form = ann.page
        await rounds.execute("UPDATE round SET closes_at = now() - interval '1 minute', opens_at = NULL")
        await ann.open(address)
        assert "takes no changes now" in ann.text()
        assert "Tie with above" not in ann.text()
        ann.page = form
        await ann.send({"do": f"remove:{await slot_id(rounds, 'S-WEB')}"})
        assert ann.page.status_code == 409
        assert len(await ranked(rounds, "1001")) == 2


async def test_slot_changed_meanwhile_is_judged_as_it_is_now(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        address = f"/students/{await student_id(rounds.world, '1001')}/slots?show=all"
        await ann.open(address)
        assert "Yes" in ann.text()
        await rounds.execute("UPDATE slot SET min_age = 18")
        await ann.open(address)
        assert "aged 15 on the first day, minimum 18" in ann.text()
        await rounds.execute("UPDATE employer SET verified_at = NULL, verified_by = NULL")
        await ann.open(address)
        assert "No slot answers this search" in ann.text()


@pytest.mark.parametrize("path", ["choices", "slots"])
async def test_choices_of_another_schools_student_are_not_there(rounds: RoundWorld, path: str) -> None:
    await rounds.open()
    async with adviser(rounds.world, SCHOOL_B) as ben:
        assert (await ben.open(f"/students/{await student_id(rounds.world, '1001')}/{path}")).status_code == 404


async def test_demand_is_told_in_bands_that_no_count_can_be_read_from(rounds: RoundWorld) -> None:
    await rounds.open()
    games = await slot_id(rounds, "S-GAMES")
    about = {"r": UUID(rounds.round_id), "h": rounds.world.hub_id}
    found: dict[int, dict[int, str]] = {}
    for seats in (0, 1, 3, 10):
        await rounds.execute("UPDATE slot SET capacity = $1, reserved = 0 WHERE slot_id = $2", seats, games)
        await rounds.execute("DELETE FROM preference")
        for asking in range(4 * seats + 4):
            async with rounds.seen_by("adviser", school_id=SCHOOL_B) as conn:
                band = await conn.fetchval("SELECT band FROM slot_demand($1) WHERE slot_id = $2", about["r"], games)
            found.setdefault(seats, {})[asking] = band
            made = await rounds.fetch(
                "INSERT INTO student (student_id, hub_id, school_id, mis_id, first_name, last_name, date_of_birth,"
                " year_group) VALUES ($1, $2, $3, $4, 'A', 'B', '2011-11-03', 10) RETURNING student_id",
                new_id(), about["h"], SCHOOL_B, f"d{seats}-{asking}",
            )  # fmt: skip
            await rounds.execute(
                "INSERT INTO preference (round_id, hub_id, school_id, student_id, rank, slot_id)"
                " VALUES ($1, $2, $3, $4, 1, $5)",
                about["r"], about["h"], SCHOOL_B, made[0]["student_id"], games,
            )  # fmt: skip
    for seats, bands in found.items():
        told = list(bands.values())
        order: list[str] = [band for band in ("low", "even", "more", "much_more") if band in told]
        assert [band for band in order for _ in range(told.count(band))] == told, seats
        assert seats == 0 or min(told.count(band) for band in order) >= 2, (seats, bands)
    assert found[10][0] == "low"
    assert [found[10][asking] for asking in (7, 8, 15, 16, 25, 26)] == [
        "low", "even", "even", "more", "more", "much_more",
    ]  # fmt: skip
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        assert await conn.fetch("SELECT * FROM slot_demand($1)", about["r"]) == []
    async with rounds.seen_by("adviser", school_id=SCHOOL_B, hub_id=str(new_id())) as conn:
        assert await conn.fetch("SELECT * FROM slot_demand($1)", about["r"]) == []


async def test_bands_stand_for_a_minute(rounds: RoundWorld) -> None:
    await rounds.open()
    service._DEMAND.clear()
    async with adviser(rounds.world) as ann:
        address = f"/students/{await student_id(rounds.world, '1001')}/slots?show=all"
        await ann.open(address)
        assert "fewer than seats" in ann.text()
        await rounds.execute("UPDATE slot SET capacity = 0, reserved = 0")
        await rounds.submit()
        await ann.open(address)
        assert "fewer than seats" in ann.text()
        service._DEMAND.clear()
        await ann.open(address)
        assert "fewer than seats" not in ann.text()
