"""A school's file of students: what a re-import changes, and what is refused."""

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, World, csv_of, found, problem_of, student

PATH = f"/schools/{SCHOOL_A}/students/import"


async def test_students_are_entered_and_announced(world: World) -> None:
    await world.with_schools()
    receipt = await world.upload(world.hub, PATH, csv_of(student("1001"), student("1002")))
    assert (receipt["created"], receipt["updated"], receipt["unchanged"], receipt["left"]) == (2, 0, 0, 0)
    assert (receipt["kind"], receipt["rows"], receipt["encoding"], receipt["preview"]) == (
        "students",
        2,
        "utf-8",
        False,
    )
    fact = (await world.staged())[-1]
    assert fact["type"] == "StudentsEntered"
    assert fact["data"] == {"school_id": SCHOOL_A, "created": 2, "updated": 0, "unchanged": 0}
    assert "Erin" not in str(fact)


async def test_preview_says_what_would_change_and_writes_nothing(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001"), student("1002")))
    facts = await world.staged()
    again = csv_of(student("1001", year_group="11"), student("1002"), student("1003"))
    receipt = await world.upload(world.hub, PATH, again, preview="true")
    assert (receipt["created"], receipt["updated"], receipt["unchanged"], receipt["preview"]) == (1, 1, 1, True)
    assert receipt["changes"] == [
        {"row": 2, "key": "1001", "action": "update", "fields": {"year_group": [10, 11]}},
        {"row": 4, "key": "1003", "action": "create", "fields": {}},
    ]
    assert await world.count("student") == 2
    assert await world.staged() == facts
    assert await world.count("import_receipt WHERE kind = 'students'") == 1


async def test_going_up_a_year_keeps_the_person(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001")))
    before = (await world.hub.get("/students")).json()["items"][0]
    receipt = await world.upload(world.hub, PATH, csv_of(student("1001", year_group="11")))
    after = (await world.hub.get("/students")).json()["items"][0]
    assert (receipt["updated"], after["student_id"], after["year_group"]) == (1, before["student_id"], 11)


async def test_upn_is_followed_when_the_school_renumbers_its_students(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001"), student("1002")))
    ids = {one["upn"]: one["student_id"] for one in (await world.hub.get("/students")).json()["items"]}
    swapped = csv_of(
        student("1001", upn=student("1002")["upn"]), student("1002", upn=student("1001")["upn"]), student("1003")
    )
    receipt = await world.upload(world.hub, PATH, swapped)
    now = {one["upn"]: one for one in (await world.hub.get("/students")).json()["items"]}
    assert (receipt["created"], receipt["updated"]) == (1, 2)
    assert {upn: now[upn]["student_id"] for upn in ids} == ids
    assert now[student("1001")["upn"]]["mis_id"] == "1002"


async def test_columns_left_out_keep_what_is_stored(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001", max_travel_minutes="45")))
    needed = ["mis_id", "first_name", "last_name", "date_of_birth", "year_group", "travel_modes"]
    receipt = await world.upload(world.hub, PATH, csv_of(student("1001"), header=needed))
    stored = (await world.hub.get("/students")).json()["items"][0]
    assert (receipt["unchanged"], stored["max_travel_minutes"], stored["upn"]) == (1, 45, student("1001")["upn"])


async def test_absent_students_stay_until_the_school_says_they_left(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001"), student("1002")))
    kept = await world.upload(world.hub, PATH, csv_of(student("1001")))
    assert kept["left"] == 0
    assert any(notice.startswith("1 student of the school is not in this file") for notice in kept["notices"])
    gone = await world.upload(world.hub, PATH, csv_of(student("1001")), absent="left")
    assert gone["left"] == 1
    assert [one["mis_id"] for one in (await world.hub.get("/students")).json()["items"]] == ["1001"]
    back = await world.upload(world.hub, PATH, csv_of(student("1002")))
    assert "1 student had left and is back" in back["notices"]
    assert await world.count("student") == 2


async def test_moving_school_keeps_the_person_and_takes_the_hub(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001")))
    before = (await world.hub.get("/students")).json()["items"][0]
    to_b = f"/schools/{SCHOOL_B}/students/import"
    adviser = await world.staff("adviser", school_id=SCHOOL_B)
    moved = csv_of(student("77", upn=student("1001")["upn"]))
    assert found(await world.send(adviser, to_b, moved)) == [(2, "upn", "elsewhere")]
    receipt = await world.upload(world.hub, to_b, moved)
    after = (await world.hub.get("/students")).json()["items"]
    assert "1 student moved here from another school" in receipt["notices"]
    assert [(one["student_id"], one["school_id"], one["mis_id"]) for one in after] == [
        (before["student_id"], SCHOOL_B, "77")
    ]


async def test_one_bad_row_keeps_all_rows_out(world: World) -> None:
    await world.with_schools()
    facts = await world.staged()
    answer = await world.send(world.hub, PATH, csv_of(student("1001"), student("1002", year_group="6")))
    assert found(answer) == [(3, "year_group", "bad_value")]
    assert answer.json()["errors"][0]["message"] == "6 is not between 7 and 13"
    assert await world.count("student") == 0
    assert await world.staged() == facts


async def test_first_200_errors_are_shown_and_all_counted(world: World) -> None:
    await world.with_schools()
    rows = [student(str(1000 + n), year_group="6", email="nowhere") for n in range(150)]
    problem = problem_of(await world.send(world.hub, PATH, csv_of(*rows)), 422)
    assert len(problem["errors"]) == 200
    assert (problem["error_count"], problem["counts"]) == (300, {"bad_email": 150, "bad_value": 150})


async def test_ids_of_two_different_students_in_one_row_are_refused(world: World) -> None:
    await world.with_schools()
    await world.upload(world.hub, PATH, csv_of(student("1001"), student("1002")))
    answer = await world.send(world.hub, PATH, csv_of(student("1002", upn=student("1001")["upn"])))
    assert found(answer) == [(2, "mis_id", "taken")]


async def test_unlikely_births_and_unknown_companions_are_refused(world: World) -> None:
    await world.with_schools()
    rows = [
        student("1001", date_of_birth="2099-01-01"),
        student("1002", date_of_birth="1911-11-03"),
        student("1003", companion_mis_id="9999"),
        student("1004", companion_mis_id="1001"),
    ]
    assert found(await world.send(world.hub, PATH, csv_of(*rows))) == [
        (2, "date_of_birth", "impossible_date"),
        (3, "date_of_birth", "impossible_date"),
        (4, "companion_mis_id", "unknown"),
    ]


async def test_windows_1252_is_read_and_said(world: World) -> None:
    await world.with_schools()
    content = csv_of(student("1001", first_name="Zoë")).decode().encode("cp1252")
    receipt = await world.upload(world.hub, PATH, content)
    assert receipt["encoding"] == "windows-1252"
    assert (await world.hub.get("/students")).json()["items"][0]["first_name"] == "Zoë"


async def test_formulas_are_plain_text(world: World) -> None:
    await world.with_schools()
    receipt = await world.upload(world.hub, PATH, csv_of(student("1001", last_name='=HYPERLINK("http://x")')))
    assert any("formula" in notice for notice in receipt["notices"])
    assert (await world.hub.get("/students")).json()["items"][0]["last_name"] == '=HYPERLINK("http://x")'


async def test_same_file_through_a_form(world: World) -> None:
    await world.with_schools()
    content = csv_of(student("1001"))
    answer = await world.hub.post(PATH, files={"note": (None, "mine"), "file": ("students.csv", content, "text/csv")})
    assert answer.status_code == 200, answer.text
    receipt = await world.upload(world.hub, PATH, content)
    assert (answer.json()["sha256"], receipt["unchanged"]) == (receipt["sha256"], 1)


async def test_too_large_a_file_is_refused_whether_or_not_its_length_is_said(world: World) -> None:
    await world.with_schools()
    content = b"x" * 300_000
    assert problem_of(await world.send(world.hub, PATH, content), 413)["limit_bytes"] == 200_000

    async def parts() -> "object":
        yield content

    answer = await world.hub.post(PATH, content=parts(), headers={"Content-Type": "text/csv"})  # type: ignore[arg-type]
    problem_of(answer, 413)


async def test_school_that_the_hub_does_not_have(world: World) -> None:
    answer = await world.send(world.hub, "/schools/999999/students/import", csv_of(student("1001")))
    assert problem_of(answer, 404)["type"] == "urn:placement-hub:problem:school-not-known"
