"""Calendars at a secret address: what is in them, for whom, and when the address leads nowhere."""

import re

import httpx
import pytest
from icalendar import Calendar, Event

from hub_registry.calendars import service
from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser
from tests.integration.registry_web.hosts import another_employer, host, slot_id_of
from tests.integration.registry_web.hub_pages import coordinator
from tests.support.visitor import Visitor

NAMES = ("Erin", "Zoë", "Lunt", "1001", "1002", "K9995", "L13", "Year 10", "step_free")
ADDRESS = re.compile(r"/calendar/hub_[A-Za-z0-9_-]{43}\.ics")


async def _address(visitor: Visitor) -> str:
    """Make an address as the page's own person does."""
    await visitor.open("/calendar")
    await visitor.send(action="/calendar")
    assert visitor.page.status_code == 200
    found = ADDRESS.search(visitor.page.text)
    assert found, visitor.text()
    return found.group(0)


async def _read(world: World, address: str, *, at: str = "192.0.2.7", **headers: str) -> httpx.Response:
    """Read as a calendar program does: without a session."""
    async with Visitor(world.app, address=at) as program:
        return await program.http.get(address, headers=headers)


def _entries(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """Give title, state, number and days of the entries, by name."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = {}
    for event in Calendar.from_ical(answer.content).walk("VEVENT"):
        assert isinstance(event, Event)
        found[str(event["UID"]).partition("@")[0]] = {
            "title": str(event["SUMMARY"]),
            "status": str(event["STATUS"]),
            "sequence": str(event["SEQUENCE"]),
            "days": f"{event.DTSTART}/{event.DTEND or ''}",
        }
    return found


async def test_an_employer_reads_its_slots_before_publication_without_what_was_asked(rounds: RoundWorld) -> None:
    await rounds.approved()
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with host(rounds.world, rounds.employer_id) as visitor:
        answer = await _read(rounds.world, await _address(visitor))
    entries = _entries(answer)
    assert entries[f"slot-{slot_id}-1"] == {
        "title": "A week making games",
        "status": "CONFIRMED",
        "sequence": "0",
        "days": "2027-06-28/2027-07-03",
    }
    assert entries[f"round-{rounds.round_id}"]["title"] == "Summer closes"
    assert "4 seats offered\\, nobody placed yet" in answer.text.replace("\r\n ", "")
    assert "student" not in answer.text.lower()


async def test_an_employer_reads_how_many_come_and_no_name(rounds: RoundWorld) -> None:
    await rounds.published()
    slot_id = await slot_id_of(rounds, "S-GAMES")
    async with host(rounds.world, rounds.employer_id) as visitor:
        answer = await _read(rounds.world, await _address(visitor))
    placed = await rounds.fetch("SELECT count(DISTINCT student_id) AS n FROM placement WHERE slot_id = $1", slot_id)
    count = placed[0]["n"]
    words = f"{count} {'student' if count == 1 else 'students'}"
    assert _entries(answer)[f"slot-{slot_id}-1"]["title"] == f"{words}: A week making games"
    for name in NAMES:
        assert name not in answer.text.replace("\r\n ", ""), name


async def test_a_school_reads_where_its_own_students_go_and_no_name(rounds: RoundWorld) -> None:
    await rounds.published()
    for school in (SCHOOL_A, SCHOOL_B):
        async with adviser(rounds.world, school) as visitor:
            answer = await _read(rounds.world, await _address(visitor))
        rows = await rounds.fetch(
            "SELECT slot_id, count(DISTINCT student_id) AS n FROM placement WHERE school_id = $1 GROUP BY slot_id",
            school,
        )
        entries = _entries(answer)
        assert {uid for uid in entries if uid.startswith("slot-")} == {f"slot-{row['slot_id']}-1" for row in rows}
        for row in rows:
            assert entries[f"slot-{row['slot_id']}-1"]["title"].startswith(f"{row['n']} student")
        for name in NAMES:
            assert name not in answer.text.replace("\r\n ", ""), name


_LATER_ROUND = """
    WITH later AS (
         INSERT INTO round
         SELECT (jsonb_populate_record(r, jsonb_build_object('round_id', $2::uuid, 'name', 'Later',
                                                             'published_run_id', $3::uuid))).*
           FROM round r
          WHERE r.round_id = $1
         RETURNING round_id, published_run_id)
    INSERT INTO placement
    SELECT (jsonb_populate_record(p, jsonb_build_object('round_id', later.round_id, 'run_id', later.published_run_id,
                                                        'student_id', $4::uuid))).*
      FROM later, placement p
     WHERE p.slot_id = $5 AND p.school_id = $6
     LIMIT 1
"""


async def test_a_slot_that_two_rounds_fill_is_one_entry_with_all_its_students(rounds: RoundWorld) -> None:
    await rounds.published()
    found = await rounds.fetch(
        "SELECT slot_id, count(DISTINCT student_id) AS n FROM placement WHERE school_id = $1 GROUP BY slot_id LIMIT 1",
        SCHOOL_A,
    )
    slot_id, count = found[0]["slot_id"], found[0]["n"]
    elsewhere = await rounds.fetch(
        "SELECT student_id FROM student WHERE student_id NOT IN (SELECT student_id FROM placement WHERE slot_id = $1)",
        slot_id,
    )
    later, other = new_id(), elsewhere[0]["student_id"]
    await rounds.execute(_LATER_ROUND, rounds.round_id, later, new_id(), other, slot_id, SCHOOL_A)
    async with adviser(rounds.world, SCHOOL_A) as visitor:
        answer = await _read(rounds.world, await _address(visitor))
    assert _entries(answer)[f"slot-{slot_id}-1"]["title"].startswith(f"{count + 1} students: ")
    assert f"/results/{later}" in answer.text.replace("\r\n ", "")


async def test_before_publication_a_school_reads_deadlines_only(rounds: RoundWorld) -> None:
    await rounds.approved()
    async with adviser(rounds.world) as visitor:
        entries = _entries(await _read(rounds.world, await _address(visitor)))
    assert list(entries) == [f"round-{rounds.round_id}"]


async def test_another_employers_address_shows_nothing_of_this_one(rounds: RoundWorld) -> None:
    await rounds.published()
    other = await another_employer(rounds.world)
    async with host(rounds.world, other) as visitor:
        answer = await _read(rounds.world, await _address(visitor))
    assert list(_entries(answer)) == [f"round-{rounds.round_id}"]
    assert "games" not in answer.text


async def test_row_level_security_hides_calendars_of_others(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        await _read(rounds.world, await _address(visitor))
    other = await another_employer(rounds.world)
    scopes: tuple[tuple[str, dict[str, str]], ...] = (
        ("employer", {"employer_id": str(other)}),
        ("adviser", {"school_id": SCHOOL_A}),
        ("hub", {}),
    )
    for role, scope in scopes:
        async with rounds.seen_by(role, **scope) as conn:
            for table in ("calendar", "calendar_entry", "calendar_read"):
                assert await conn.fetch(f"SELECT * FROM {table}") == [], (role, table)
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        for table in ("calendar", "calendar_entry", "calendar_read"):
            assert await conn.fetch(f"SELECT * FROM {table}") != [], table


async def test_a_withdrawn_slot_is_cancelled_and_a_changed_one_counts_up(rounds: RoundWorld) -> None:
    games, web = await slot_id_of(rounds, "S-GAMES"), await slot_id_of(rounds, "S-WEB")
    async with host(rounds.world, rounds.employer_id) as visitor:
        address = await _address(visitor)
    first = await _read(rounds.world, address)
    assert (await _read(rounds.world, address)).content == first.content
    await rounds.execute("UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'other' WHERE slot_id = $1", games)
    await rounds.execute("UPDATE slot SET dates = '2027-06-28;2027-06-30/2027-07-01' WHERE slot_id = $1", web)
    entries = _entries(await _read(rounds.world, address))
    cancelled = entries[f"slot-{games}-1"]
    assert (cancelled["title"], cancelled["status"]) == ("Cancelled: A week making games", "CANCELLED")
    assert cancelled["sequence"] == "1"
    assert (entries[f"slot-{web}-1"]["days"], entries[f"slot-{web}-1"]["sequence"]) == ("2027-06-28/2027-06-29", "1")
    assert (entries[f"slot-{web}-2"]["days"], entries[f"slot-{web}-2"]["sequence"]) == ("2027-06-30/2027-07-02", "0")
    assert len(await rounds.fetch("SELECT FROM calendar_entry")) == len(entries)


async def test_the_headers_let_nobody_else_keep_it_and_spare_reading_it_twice(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        address = await _address(visitor)
    first = await _read(rounds.world, address)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["referrer-policy"] == "no-referrer"
    again = await _read(rounds.world, address, **{"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (await _read(rounds.world, address, **{"If-None-Match": '"x"'})).status_code == 200


async def test_an_address_is_kept_as_a_hash_and_another_one_replaces_it(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        first = await _address(visitor)
        second = await _address(visitor)
        assert first != second
        await visitor.open("/calendar")
        assert not ADDRESS.search(visitor.page.text)
        assert (await _read(rounds.world, first)).status_code == 404
        assert (await _read(rounds.world, second)).status_code == 200
        assert "It was last read" in (await visitor.open("/calendar")).text
        await visitor.send(action="/calendar/revoke")
        assert "The address leads nowhere any more" in visitor.text()
        assert (await _read(rounds.world, second)).status_code == 404
        third = await _address(visitor)
        assert (await _read(rounds.world, third)).status_code == 200
    secret = third.removeprefix("/calendar/").removesuffix(".ics")
    [row] = await rounds.fetch("SELECT row_to_json(c)::text AS kept FROM calendar c")
    audited = await rounds.fetch("SELECT coalesce(after::text, '') AS kept FROM audit WHERE subject_kind = 'calendar'")
    assert len(audited) == 4
    assert not any(secret in one["kept"] for one in (row, *audited))


@pytest.mark.parametrize("secret", ["hub_" + "A" * 43, "x", "%00", "..%2f..%2fetc", "hub_%F0%9F%98%80"])
async def test_a_wrong_address_is_not_there(rounds: RoundWorld, secret: str) -> None:
    answer = await _read(rounds.world, f"/calendar/{secret}.ics")
    assert answer.status_code == 404
    assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}


async def test_who_guesses_waits_and_others_do_not(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        address = await _address(visitor)
    guesses = [await _read(rounds.world, f"/calendar/hub_{number:043}.ics") for number in range(33)]
    assert {one.status_code for one in guesses[:30]} == {404}
    assert guesses[-1].status_code == 429
    assert int(guesses[-1].headers["retry-after"]) > 0
    assert (await _read(rounds.world, address)).status_code == 200


async def test_an_address_that_is_read_without_end_is_slowed_down(rounds: RoundWorld) -> None:
    async with host(rounds.world, rounds.employer_id) as visitor:
        address = await _address(visitor)
    assert (await _read(rounds.world, address)).status_code == 200
    await rounds.execute("UPDATE calendar_read SET reads = $1", service.MOST_READS)
    assert (await _read(rounds.world, address)).status_code == 429
    await rounds.execute("UPDATE calendar_read SET since = now() - interval '11 minutes'")
    assert (await _read(rounds.world, address)).status_code == 200


async def test_hostile_words_stay_words(rounds: RoundWorld) -> None:
    title = "x\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:AUDIO;,\\ <script>"
    await rounds.execute("UPDATE slot SET title = $1", title)
    async with host(rounds.world, rounds.employer_id) as visitor:
        answer = await _read(rounds.world, await _address(visitor))
    assert not Calendar.from_ical(answer.content).walk("VALARM")
    assert "x END:VEVENT BEGIN:VALARM ACTION:AUDIO;,\\ <script>" in {one["title"] for one in _entries(answer).values()}
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_coordinators_have_no_calendar_and_another_site_makes_none(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as hub:
        assert (await hub.open("/calendar")).status_code == 404
    async with host(rounds.world, rounds.employer_id) as visitor:
        await visitor.open("/calendar")
        await visitor.send(action="/calendar", headers={"Sec-Fetch-Site": "cross-site"})
        assert visitor.page.status_code == 403
    assert await rounds.fetch("SELECT FROM calendar") == []
