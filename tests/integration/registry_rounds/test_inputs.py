"""Frozen inputs: what enters, what never leaves, that it hashes right, fits its messages, and does not change."""

import json

import asyncpg
import pytest

from hub_allocation.policy import read_policy
from hub_allocation.reading.tables import read_instance
from hub_schemas import tables
from hub_schemas.events.round_inputs import MAX_BYTES, MAX_ROWS
from tests.integration.registry.world import problem_of
from tests.integration.registry_rounds.builder import RoundWorld


async def test_closing_freezes_what_the_download_holds_and_matching_is_told(rounds: RoundWorld) -> None:
    closed = await rounds.close()
    files = await rounds.files()
    policy = read_policy(files.pop("policy.toml"))
    by_table = {name.removesuffix(".csv"): content for name, content in files.items()}
    assert set(by_table) == set(tables.BY_NAME)
    sha256 = tables.input_sha256(by_table)
    assert closed["input"]["sha256"] == sha256 == (await rounds.facts("RoundClosed"))[0]["input_sha256"]
    assert policy.lottery_seed == closed["lottery"]["seed"]
    instance = read_instance(by_table, policy)
    assert (instance.input_sha256, instance.rows["students"]) == (sha256, 4)
    assert closed["input"]["rows"] == instance.rows == (await rounds.facts("RoundClosed"))[0]["rows"]


async def test_chunks_make_the_same_input_and_stay_small(rounds: RoundWorld) -> None:
    await rounds.close()
    chunks = await rounds.facts("InputChunk")
    [closed] = await rounds.facts("RoundClosed")
    assert [chunk["index"] for chunk in chunks] == list(range(closed["chunks"]))
    assert {chunk["count"] for chunk in chunks} == {closed["chunks"]}
    assert all(len(chunk["rows"]) <= MAX_ROWS for chunk in chunks)
    assert all(len(json.dumps(chunk, ensure_ascii=False).encode()) <= MAX_BYTES for chunk in chunks)
    rows: dict[str, list[tuple[str, ...]]] = {}
    for chunk in chunks:
        rows.setdefault(chunk["table"], []).extend(tuple(row) for row in chunk["rows"])
    files = {name: tables.canonical_bytes(name, found) for name, found in rows.items()}
    assert tables.input_sha256(files) == closed["input_sha256"]


async def test_names_and_reasons_never_leave(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE student SET send_status = 'E', free_school_meals = true WHERE mis_id = '1001'")
    await rounds.close()
    staged = json.dumps(await rounds.world.staged(), ensure_ascii=False)
    students = await rounds.fetch("SELECT * FROM student")
    told = [
        str(row[column])
        for row in students
        for column in ("student_id", "upn", "first_name", "last_name", "date_of_birth", "email")
    ]
    assert [secret for secret in told if secret in staged] == []


async def test_priority_is_the_published_formula(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE student SET send_status = 'E', free_school_meals = true WHERE mis_id = '1001'")
    await rounds.close()
    students = tables.canonical_rows("students", (await rounds.files())["students.csv"])
    at = tables.STUDENTS.index("priority")
    assert sorted(int(row[at]) for row in students) == [200, 200, 200, 500]


async def test_only_those_who_may_take_part_are_frozen(rounds: RoundWorld) -> None:
    await rounds.execute("UPDATE student SET left_at = now() WHERE mis_id = '1001'")
    await rounds.execute("UPDATE student SET consent = 'no' WHERE mis_id = '1002'")
    await rounds.execute("UPDATE student SET year_group = 9 WHERE mis_id = '1003'")
    await rounds.open()
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    kept = await rounds.fetch("SELECT mis_id FROM participant JOIN student USING (student_id)")
    assert [row["mis_id"] for row in kept] == ["2001"]
    schools = tables.canonical_rows("schools", (await rounds.files())["schools.csv"])
    assert len(schools) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'not_hosting' WHERE slot_ref = 'S-GAMES'",
        "UPDATE employer SET verified_at = NULL",
        "UPDATE employer SET insurance_valid_until = '2027-07-01'",
        "UPDATE employer SET insurance_valid_until = NULL",
    ],
)
async def test_slot_that_may_not_host_stays_out_and_ranks_stay_dense(rounds: RoundWorld, change: str) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute(change)
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    files = await rounds.files()
    slots = {row[0] for row in tables.canonical_rows("slots", files["slots.csv"])}
    ranked = tables.canonical_rows("preferences", files["preferences.csv"])
    games = await rounds.fetch("SELECT slot_id::text FROM slot WHERE slot_ref = 'S-GAMES'")
    assert games[0]["slot_id"] not in slots
    assert {row[2] for row in ranked} <= slots
    assert {row[1] for row in ranked} <= {"1"}


async def test_pin_on_a_slot_that_stays_out_keeps_the_round_open(rounds: RoundWorld) -> None:
    await rounds.open()
    student = (await rounds.hub.get("/students", params={"mis_id": "1003"})).json()["items"][0]["student_id"]
    slot = (await rounds.hub.get("/slots")).json()["items"][0]["slot_id"]
    await rounds.ok(rounds.hub.put(f"/rounds/{rounds.round_id}/pins/{student}", json={"slot_id": slot}))
    await rounds.execute("UPDATE employer SET verified_at = NULL")
    problem = problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}/close"), 409)
    assert problem["pins"] == [{"student_id": student, "slot_id": slot}]
    assert await rounds.state() == "open"
    assert await rounds.world.count("frozen_input") == await rounds.world.count("participant") == 0
    assert await rounds.facts("InputChunk") == []


async def test_frozen_input_does_not_change(rounds: RoundWorld) -> None:
    await rounds.close()
    for statement in (
        "UPDATE frozen_table SET content = 'x' WHERE name = 'students'",
        "DELETE FROM frozen_table",
        "UPDATE frozen_input SET sha256 = repeat('0', 64)",
        "DELETE FROM frozen_input",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await rounds.execute(statement)
    await rounds.execute("UPDATE student SET home_postcode = 'L1 8JX'")
    before = await rounds.files()
    assert b"L13 3BA" in before["students.csv"]


async def test_participant_ids_are_of_no_use_in_another_round(rounds: RoundWorld) -> None:
    await rounds.published()
    first = await rounds.fetch("SELECT participant_id FROM participant")
    rounds.round_id = await rounds.new_round(name="Autumn")
    await rounds.close()
    second = await rounds.fetch(
        "SELECT participant_id FROM participant WHERE round_id = $1::text::uuid", rounds.round_id
    )
    assert len(first) == len(second) == 4
    assert {row[0] for row in first}.isdisjoint({row[0] for row in second})


async def test_later_round_has_the_seats_and_needs_that_the_earlier_left(rounds: RoundWorld) -> None:
    await rounds.published()
    rounds.round_id = await rounds.new_round(name="Autumn")
    await rounds.close()
    files = await rounds.files()
    capacity, reserved = tables.SLOTS.index("capacity"), tables.SLOTS.index("reserved")
    seats = {(int(row[capacity]), int(row[reserved])) for row in tables.canonical_rows("slots", files["slots.csv"])}
    assert seats == {(2, 1), (1, 0)}
    at = tables.STUDENTS.index("priority")
    priorities = [int(row[at]) for row in tables.canonical_rows("students", files["students.csv"])]
    # Three had five days; one had no preferences, which is no fault of the round.
    assert sorted(priorities) == [100, 100, 100, 200]


async def test_input_held_is_shown_once_matching_says_so(rounds: RoundWorld) -> None:
    closed = await rounds.close()
    assert closed["input"]["held_at"] is None
    run_id = await rounds.run()
    held, *_ = await rounds.answer(run_id)
    await rounds.deliver(held)
    shown = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}"))
    assert shown["input"]["held_at"] is not None
    strange = held.model_copy(update={"input_sha256": "0" * 64})
    assert (await rounds.deliver(strange)).permanent == 1
