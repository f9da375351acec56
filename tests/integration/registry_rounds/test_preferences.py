"""Preferences: a school's file replaces what it submitted before, whole or not at all; pins; what is missing."""

import pytest

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, csv_of, found, problem_of, student
from tests.integration.registry_rounds.builder import RoundWorld, preferences


def _url(rounds: RoundWorld, urn: str = SCHOOL_A) -> str:
    return f"/rounds/{rounds.round_id}/schools/{urn}/preferences/import"


async def test_resubmission_replaces_the_earlier_one(rounds: RoundWorld) -> None:
    await rounds.open()
    first = await rounds.world.upload(
        rounds.hub, _url(rounds), preferences(("1001", 1, "S-GAMES"), ("1001", 2, "S-WEB"), ("1002", 1, "S-WEB"))
    )
    assert (first["created"], first["updated"], first["unchanged"]) == (3, 0, 0)
    again = await rounds.world.upload(
        rounds.hub, _url(rounds), preferences(("1001", 1, "S-WEB"), ("1001", 2, "S-GAMES"))
    )
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 2, 0)
    stored = await rounds.fetch(
        "SELECT mis_id, rank, slot_ref FROM preference JOIN student USING (student_id) JOIN slot USING (slot_id) "
        "ORDER BY mis_id, rank"
    )
    assert [tuple(row) for row in stored] == [("1001", 1, "S-WEB"), ("1001", 2, "S-GAMES")]
    submitted = await rounds.facts("PreferencesSubmitted")
    assert [(one["students"], one["preferences"]) for one in submitted] == [(2, 3), (1, 2)]


async def test_ties_share_a_rank(rounds: RoundWorld) -> None:
    await rounds.open()
    receipt = await rounds.world.upload(
        rounds.hub, _url(rounds), preferences(("1001", 1, "S-GAMES"), ("1001", 1, "S-WEB"))
    )
    assert receipt["created"] == 2


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ([("1001", 1, "S-GAMES"), ("1001", 3, "S-WEB")], [(3, "rank", "rank_gap")]),
        ([("1001", 2, "S-GAMES")], [(2, "rank", "rank_gap")]),
        ([("1001", 1, "S-NONE")], [(2, "slot_ref", "unknown_slot_ref")]),
        ([("9999", 1, "S-WEB")], [(2, "mis_id", "unknown_mis_id")]),
        ([("2001", 1, "S-WEB")], [(2, "mis_id", "unknown_mis_id")]),
        ([("1001", 1, "S-WEB"), ("1001", 2, "S-WEB")], [(3, "slot_ref", "duplicate")]),
        ([("1001", "first", "S-WEB")], [(2, "rank", "bad_value")]),
        ([("1001", 0, "S-WEB")], [(2, "rank", "bad_value")]),
    ],
)
async def test_wrong_file_is_refused_whole_with_row_and_column(
    rounds: RoundWorld, rows: list[tuple[str, int | str, str]], errors: list[tuple[int, str, str]]
) -> None:
    await rounds.open()
    await rounds.world.upload(rounds.hub, _url(rounds), preferences(("1002", 1, "S-WEB")))
    answer = await rounds.world.send(rounds.hub, _url(rounds), preferences(*rows))
    assert found(answer) == errors
    assert await rounds.world.count("preference") == 1
    assert len(await rounds.facts("PreferencesSubmitted")) == 1


async def test_preview_writes_nothing(rounds: RoundWorld) -> None:
    await rounds.open()
    file = preferences(("1001", 1, "S-GAMES"))
    receipt = await rounds.world.upload(rounds.hub, _url(rounds), file, preview=True)
    assert (receipt["preview"], receipt["created"]) == (True, 1)
    assert await rounds.world.count("preference") == await rounds.world.count("submission") == 0


async def test_adviser_submits_for_their_own_school_only(rounds: RoundWorld) -> None:
    await rounds.open()
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    await rounds.world.upload(adviser, _url(rounds), preferences(("1001", 1, "S-GAMES")))
    answer = await rounds.world.send(adviser, _url(rounds, SCHOOL_B), preferences(("2001", 1, "S-WEB")))
    problem_of(answer, 404)
    employer = await rounds.world.staff("employer", employer_id=rounds.employer_id)
    problem_of(await rounds.world.send(employer, _url(rounds), preferences(("1001", 1, "S-WEB"))), 403)
    assert await rounds.world.count("preference") == 1


async def test_preferences_follow_a_student_to_another_school(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    moved = csv_of(student("2009", upn=student("1001")["upn"]))
    await rounds.world.upload(rounds.hub, f"/schools/{SCHOOL_B}/students/import", moved)
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_B)
    file = preferences(("2009", 1, "S-WEB"), ("2001", 1, "S-WEB"))
    receipt = await rounds.world.upload(adviser, _url(rounds, SCHOOL_B), file)
    assert (receipt["created"], receipt["updated"], receipt["unchanged"]) == (0, 1, 1)
    stored = await rounds.fetch(
        "SELECT rank, slot_ref, p.school_id FROM preference p JOIN student USING (student_id) "
        "JOIN slot USING (slot_id) WHERE mis_id = '2009'"
    )
    assert [tuple(row) for row in stored] == [(1, "S-WEB", SCHOOL_B)]


async def test_one_students_list_is_put(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    student = (await adviser.get("/students", params={"mis_id": "1003"})).json()["items"][0]["student_id"]
    wishes = [{"rank": 1, "slot_ref": "S-WEB"}, {"rank": 2, "slot_ref": "S-GAMES"}]
    body = {"round_id": rounds.round_id, "preferences": wishes}
    put = await rounds.ok(adviser.put(f"/students/{student}/preferences", json=body))
    assert [one["rank"] for one in put["preferences"]] == [1, 2]
    params = {"round_id": rounds.round_id}
    assert (await rounds.ok(adviser.get(f"/students/{student}/preferences", params=params))) == put
    gap = {"round_id": rounds.round_id, "preferences": [{"rank": 2, "slot_ref": "S-WEB"}]}
    problem = problem_of(await adviser.put(f"/students/{student}/preferences", json=gap), 422)
    assert problem["errors"][0]["field"] == "preferences.0.rank"
    assert await rounds.world.count("preference") == 7
    stranger = await rounds.world.staff("adviser", school_id=SCHOOL_B)
    problem_of(await stranger.put(f"/students/{student}/preferences", json=body), 404)


async def test_hub_pins_a_student_whom_the_run_then_places_there(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    student = (await rounds.hub.get("/students", params={"mis_id": "1003"})).json()["items"][0]["student_id"]
    slot = next(one for one in (await rounds.hub.get("/slots")).json()["items"] if one["slot_ref"] == "S-WEB")
    pinned = {"slot_id": slot["slot_id"]}
    await rounds.ok(rounds.hub.put(f"/rounds/{rounds.round_id}/pins/{student}", json=pinned))
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    problem_of(await adviser.put(f"/rounds/{rounds.round_id}/pins/{student}", json=pinned), 403)
    assert len((await adviser.get(f"/rounds/{rounds.round_id}/pins")).json()["items"]) == 1
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    await rounds.solved(await rounds.run())
    placed = await rounds.fetch("SELECT slot_id::text, rank FROM placement WHERE student_id = $1::text::uuid", student)
    assert [tuple(row) for row in placed] == [(slot["slot_id"], None)]


async def test_pin_is_taken_off_once(rounds: RoundWorld) -> None:
    await rounds.open()
    student = (await rounds.hub.get("/students", params={"mis_id": "1003"})).json()["items"][0]["student_id"]
    slot = (await rounds.hub.get("/slots")).json()["items"][0]["slot_id"]
    url = f"/rounds/{rounds.round_id}/pins/{student}"
    await rounds.ok(rounds.hub.put(url, json={"slot_id": slot}))
    assert (await rounds.hub.delete(url)).status_code == 204
    problem_of(await rounds.hub.delete(url), 404)


async def test_missing_names_schools_students_and_slots(rounds: RoundWorld) -> None:
    await rounds.open()
    far = preferences(("1001", 1, "S-GAMES"), ("1002", 1, "S-WEB"))
    await rounds.world.upload(rounds.hub, _url(rounds), far)
    await rounds.execute("UPDATE student SET available = '2027-06-01/2027-06-04' WHERE mis_id = '1001'")
    await rounds.execute("UPDATE student SET consent = 'no' WHERE mis_id = '1003'")
    await rounds.execute("UPDATE student SET consent = '' WHERE mis_id = '2001'")
    await rounds.execute(
        "UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'not_hosting' WHERE slot_ref = 'S-WEB'"
    )
    missing = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}/missing"))
    assert missing["schools_not_submitted"] == [{"school_id": SCHOOL_B, "name": f"School {SCHOOL_B}", "students": 1}]
    [infeasible] = missing["students_without_feasible_choice"]
    assert infeasible["reasons"] == [
        "A week making games: not available on 2027-06-28, 2027-06-29, 2027-06-30 and 2 more days"
    ]
    assert missing["infeasible_by_rule"] == {"dates": 1}
    assert [one["reason"] for one in missing["slots_kept_out"]] == ["withdrawn"]
    assert missing["counts"]["students_without_preferences"] == 2
    assert (missing["counts"]["consent_refused"], missing["counts"]["consent_pending"]) == (1, 1)
    assert missing["errors"] == []
    assert await rounds.world.count("participant") == 0


async def test_missing_says_what_the_solver_would_refuse(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute("UPDATE student SET companion_mis_id = CASE mis_id WHEN '1001' THEN '1002' ELSE '1003' END"
                         " WHERE mis_id IN ('1001', '1002')")  # fmt: skip
    missing = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}/missing"))
    assert any("companion" in line for line in missing["errors"])
