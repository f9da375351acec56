"""Files of schools, postcodes, employers and slots."""

from tests.integration.registry.world import (
    EMPLOYER,
    PROGRAMME,
    SCHOOL_A,
    SLOT,
    World,
    csv_of,
    found,
    problem_of,
)

REGISTER = (
    b"URN,LA (name),EstablishmentName,PhaseOfEducation (name),Gender (name),EstablishmentStatus (name),Postcode,"
    b"Trusts (name)\n104715,Liverpool,Broadgreen School,Secondary,Mixed,Open,l135uq,A trust\n"
)


async def test_national_register_is_taken_as_downloaded(world: World) -> None:
    receipt = await world.upload(world.hub, "/schools/import", REGISTER)
    assert receipt["notices"] == ["columns not known here were ignored: Trusts (name)"]
    school = (await world.hub.get("/schools/104715")).json()
    assert (school["name"], school["la"], school["postcode"], school["status"]) == (
        "Broadgreen School", "Liverpool", "L13 5UQ", "Open",
    )  # fmt: skip
    again = await world.upload(world.hub, "/schools/import", REGISTER)
    assert (again["unchanged"], await world.count("outbox")) == (1, 1)


async def test_receipts_can_be_read_later(world: World) -> None:
    receipt = await world.upload(world.hub, "/schools/import", REGISTER)
    assert (await world.hub.get(f"/imports/{receipt['import_id']}")).json()["sha256"] == receipt["sha256"]
    assert [one["kind"] for one in (await world.hub.get("/imports")).json()["items"]] == ["schools"]


async def test_postcodes_are_entered_and_moved(world: World) -> None:
    first = await world.upload(
        world.hub, "/postcodes/import", b"postcode,lat,lon\nL1 8JX,53.4,-2.98\nL13 5UQ,53.41,-2.9\n"
    )
    second = await world.upload(world.hub, "/postcodes/import", b"postcode,lat,lon\nl18jx,53.5,-2.98\n")
    assert (first["created"], second["updated"]) == (2, 1)
    bad = await world.send(world.hub, "/postcodes/import", b"postcode,lat,lon\nL1,53.4,-2.98\nL1 8JX,530,-2.98\n")
    assert found(bad) == [(2, "postcode", "bad_postcode"), (3, "lat", "bad_value")]


async def test_employers_are_registered_and_verified(world: World) -> None:
    old = {**EMPLOYER, "employer_ref": "E-OLD", "insurance_valid_until": "2020-01-01"}
    receipt = await world.upload(world.hub, "/employers/import", csv_of(EMPLOYER, old))
    assert "the insurance of 1 employers has run out: they can't host until it is renewed" in receipt["notices"]
    refused = await world.hub.post("/employers/verifications", json={"employer_refs": ["E-TERN", "E-NONE"]})
    assert problem_of(refused, 422)["errors"][0]["message"] == "no employer E-NONE"
    assert (await world.hub.post("/employers/verifications", json={"all": True})).json() == {"verified": 2}
    assert (await world.hub.post("/employers/verifications", json={"all": True})).json() == {"verified": 0}
    types = [fact["type"] for fact in await world.staged()]
    assert types == ["EmployerRegistered"] * 2 + ["EmployerVerified"] * 2
    assert "Priya" not in str(await world.staged())


async def test_hub_only_columns_are_refused_by_name(world: World) -> None:
    answer = await world.send(world.hub, "/employers/import", csv_of({**EMPLOYER, "verified": "yes"}))
    assert found(answer) == [(1, "verified", "refused_column")]
    path = f"/schools/{SCHOOL_A}/students/import"
    await world.with_schools()
    for column in ("priority", "pins", "reserves", "pinned_slot_id"):
        answer = await world.send(world.hub, path, f"mis_id,{column}\n1,2\n".encode())
        assert (1, column, "refused_column") in found(answer)


async def test_slots_are_published_then_changed(world: World) -> None:
    programme, employer_id = await world.with_slots()
    path = f"/programmes/{programme}/slots/import"
    receipt = await world.upload(world.hub, path, csv_of({**SLOT, "capacity": "9"}, {**SLOT, "slot_ref": "S-2"}))
    assert (receipt["created"], receipt["updated"]) == (1, 1)
    facts = [(fact["type"], fact["data"]["capacity"]) for fact in await world.staged() if "Slot" in fact["type"]]
    assert facts == [("SlotPublished", 4), ("SlotPublished", 4), ("SlotChanged", 9)]
    slots = (await world.hub.get("/slots", params={"slot_ref": "S-GAMES"})).json()["items"]
    assert (slots[0]["first_date"], slots[0]["last_date"], slots[0]["employer_id"]) == (
        "2027-06-28", "2027-07-02", employer_id,
    )  # fmt: skip


async def test_bad_slots_are_refused(world: World) -> None:
    programme, _ = await world.with_slots()
    rows = [
        {**SLOT, "slot_ref": "1", "employer_ref": "E-NONE"},
        {**SLOT, "slot_ref": "2", "dates": "2027-09-01"},
        {**SLOT, "slot_ref": "3", "capacity": "-1"},
        {**SLOT, "slot_ref": "4", "reserved": "5"},
        {**SLOT, "slot_ref": "5", "postcode": ""},
        {**SLOT, "slot_ref": "6", "dates": "2027-07-02/2027-06-28"},
        {**SLOT, "slot_ref": "7", "year_groups": "9"},
        {**SLOT, "slot_ref": "8", "mode": "by boat"},
    ]
    parsing = await world.send(world.hub, f"/programmes/{programme}/slots/import", csv_of(*rows[2:]))
    assert found(parsing) == [
        (2, "capacity", "negative"),
        (3, "reserved", "reserved_over_capacity"),
        (4, "postcode", "blank"),
        (5, "dates", "impossible_date"),
        (6, "year_groups", "too_young"),
        (7, "mode", "bad_value"),
    ]
    looking_up = await world.send(world.hub, f"/programmes/{programme}/slots/import", csv_of(*rows[:2]))
    assert found(looking_up) == [(2, "employer_ref", "unknown"), (3, "dates", "impossible_date")]
    assert await world.count("slot") == 1


async def test_withdrawn_slot_stays_withdrawn(world: World) -> None:
    programme, _ = await world.with_slots()
    slot = (await world.hub.get("/slots")).json()["items"][0]["slot_id"]
    for _ in range(2):
        taken = await world.hub.post(f"/slots/{slot}/withdrawal", json={"reason": "staffing"})
        assert (taken.json()["state"], taken.json()["withdrawn_reason"]) == ("withdrawn", "staffing")
    receipt = await world.upload(world.hub, f"/programmes/{programme}/slots/import", csv_of({**SLOT, "capacity": "5"}))
    assert "1 of the slots are withdrawn and stay so" in receipt["notices"]
    problem_of(await world.hub.patch(f"/slots/{slot}", json={"capacity": 2}), 409)
    types = [fact["type"] for fact in await world.staged() if "Slot" in fact["type"]]
    assert types == ["SlotPublished", "SlotWithdrawn"]


async def test_programme_must_be_possible(world: World) -> None:
    answer = await world.hub.post("/programmes", json={**PROGRAMME, "last_date": "2027-05-01"})
    assert problem_of(answer, 422)["errors"][0]["field"] == "last_date"
    answer = await world.hub.post("/programmes", json={**PROGRAMME, "school_year": "2026/28"})
    assert problem_of(answer, 422)["errors"][0]["field"] == "school_year"
    assert (await world.hub.post("/programmes", json=PROGRAMME)).status_code == 201
    problem_of(await world.hub.post("/programmes", json=PROGRAMME), 409)
