"""Who may see and do what: by token through the API, and by row-level security below it."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from hub_schemas.ids import new_id
from tests.integration.registry.world import EMPLOYER, SCHOOL_A, SCHOOL_B, World, csv_of, problem_of, student


async def _two_schools(world: World) -> None:
    await world.with_schools()
    for urn, mis_id in ((SCHOOL_A, "1001"), (SCHOOL_B, "2001")):
        await world.upload(world.hub, f"/schools/{urn}/students/import", csv_of(student(mis_id)))


async def _student_of(world: World, school: str) -> str:
    items = (await world.hub.get("/students", params={"school_id": school})).json()["items"]
    return str(items[0]["student_id"])


async def test_without_a_token_nobody_gets_in(world: World) -> None:
    for token in (None, "hub_wrong", ""):
        answer = await (await world.client(token)).get("/me")
        assert problem_of(answer, 401)["type"] == "urn:placement-hub:problem:not-authenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_expired_revoked_and_inactive_tokens_are_refused(world: World) -> None:
    expired = await world.staff("hub", valid=timedelta(seconds=-1))
    problem_of(await expired.get("/me"), 401)
    person = (await world.hub.post("/staff", json={"role": "hub", "name": "B", "email": "b@hub.example"})).json()
    tokens = f"/staff/{person['staff_id']}/tokens"
    made = [(await world.hub.post(tokens)).json() for _ in range(2)]
    first, second = [await world.client(one["token"]) for one in made]
    assert (await first.get("/me")).status_code == 200
    assert (await world.hub.delete(f"{tokens}/{made[0]['token_id']}")).status_code == 204
    problem_of(await first.get("/me"), 401)
    assert (await second.get("/me")).status_code == 200
    await world.hub.patch(f"/staff/{person['staff_id']}", json={"active": False})
    problem_of(await second.get("/me"), 401)


async def test_secret_is_shown_once_and_only_its_hash_kept(world: World) -> None:
    person = (await world.hub.get("/me")).json()["staff_id"]
    key = {"Idempotency-Key": "make-one"}
    made = await world.hub.post(f"/staff/{person}/tokens", json={"days": 3}, headers=key)
    secret = made.json()["token"]
    assert len(secret) >= 43
    again = problem_of(await world.hub.post(f"/staff/{person}/tokens", json={"days": 3}, headers=key), 409)
    assert again["type"] == "urn:placement-hub:problem:secret-not-kept"
    listed = (await world.hub.get(f"/staff/{person}/tokens")).text
    assert secret not in listed
    async with world.owner() as conn:
        for table in ("token", "idempotency_key", "audit", "outbox"):
            stored = await conn.fetch(f"SELECT t::text AS row FROM {table} t")
            assert not [row for row in stored if secret in row["row"] or secret.encode().hex() in row["row"]]


async def test_adviser_knows_only_their_own_school(world: World) -> None:
    await _two_schools(world)
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    assert [one["school_id"] for one in (await adviser.get("/schools")).json()["items"]] == [SCHOOL_A]
    assert [one["mis_id"] for one in (await adviser.get("/students")).json()["items"]] == ["1001"]
    other = await _student_of(world, SCHOOL_B)
    problem_of(await adviser.get(f"/schools/{SCHOOL_B}"), 404)
    problem_of(await adviser.get(f"/students/{other}"), 404)
    problem_of(await adviser.patch(f"/students/{other}", json={"year_group": 11}), 404)
    problem_of(await adviser.post("/students", json=_new_student(SCHOOL_B)), 404)
    problem_of(await world.send(adviser, f"/schools/{SCHOOL_B}/students/import", csv_of(student("9"))), 404)


async def test_what_a_role_may_know_of_but_not_do_is_403(world: World) -> None:
    await world.with_schools()
    programme, _ = await world.with_slots()
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    slot = (await adviser.get("/slots")).json()["items"][0]["slot_id"]
    problem_of(await adviser.patch(f"/slots/{slot}", json={"capacity": 9}), 403)
    problem_of(await adviser.patch(f"/programmes/{programme}", json={"name": "Mine"}), 403)
    problem_of(await world.send(adviser, "/employers/import", b""), 403)
    problem_of(await adviser.get("/staff"), 403)
    problem_of(await adviser.get("/audit"), 403)
    employer = (await adviser.get("/employers")).json()["items"][0]
    assert (employer["name"][:4], employer["contact_email"]) == ("Tern", None)


async def test_employer_sees_own_slots_and_no_student(world: World) -> None:
    await _two_schools(world)
    programme, employer_id = await world.with_slots()
    other = (await world.hub.post("/employers", json={"employer_ref": "E-2", "name": "Two", "sector": "Retail"})).json()
    volunteer = await world.staff("employer", employer_id=other["employer_id"])
    assert (await volunteer.get("/slots")).json()["items"] == []
    assert [one["employer_ref"] for one in (await volunteer.get("/employers")).json()["items"]] == ["E-2"]
    problem_of(await volunteer.get(f"/employers/{employer_id}"), 404)
    itself = f"/employers/{other['employer_id']}"
    assert (await volunteer.patch(itself, json={"name": "Two and a half"})).status_code == 200
    problem_of(await volunteer.patch(itself, json={"risk_band": "higher"}), 403)
    problem_of(await volunteer.get("/students"), 403)
    problem_of(await volunteer.get(f"/students/{await _student_of(world, SCHOOL_A)}"), 404)
    new = {
        "slot_ref": "S-2", "employer_id": employer_id, "title": "T", "sector": "Retail", "kind": "visit",
        "mode": "virtual", "dates": "2027-06-28", "capacity": 3,
    }  # fmt: skip
    problem_of(await volunteer.post(f"/programmes/{programme}/slots", json=new), 404)
    own = await volunteer.post(f"/programmes/{programme}/slots", json={**new, "employer_id": other["employer_id"]})
    assert own.status_code == 201, own.text


async def test_operator_sees_no_person(world: World) -> None:
    await _two_schools(world)
    await world.with_slots()
    operator = await world.staff("operator")
    assert len((await operator.get("/schools")).json()["items"]) == 2
    for path in ("/students", "/employers", "/staff", "/audit"):
        problem_of(await operator.get(path), 403)
    problem_of(await operator.get(f"/students/{await _student_of(world, SCHOOL_A)}"), 404)


async def test_hubs_do_not_know_each_other(world: World) -> None:
    await _two_schools(world)
    programme, _ = await world.with_slots()
    other = new_id()
    async with world.owner() as conn:
        await conn.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, 'other', 'Other')", other)
    stranger = await world.staff("hub", hub_id=other)
    for path in ("/schools", "/students", "/employers", "/slots", "/programmes", "/imports", "/audit"):
        items = (await stranger.get(path)).json()["items"]
        assert [one for one in items if one.get("subject_kind") not in {"hub", "staff"}] == [], path
    problem_of(await stranger.get(f"/programmes/{programme}"), 404)


async def test_limited_token_does_only_what_it_is_for(world: World) -> None:
    reader = await world.staff("hub", scopes=["read"])
    assert (await reader.get("/schools")).status_code == 200
    problem_of(await reader.post("/programmes", json={}), 403)
    writer = await world.staff("hub", scopes=["read", "write"])
    me = (await writer.get("/me")).json()["staff_id"]
    problem_of(await writer.post(f"/staff/{me}/tokens", json={}), 403)
    problem_of(await world.send(writer, "/schools/import", b""), 403)


@pytest.mark.parametrize("role", ["hub_registry_app", "hub_registry_import"])
async def test_raw_sql_of_school_a_cannot_read_or_alter_school_b(world: World, role: str) -> None:
    await _two_schools(world)
    other = UUID(await _student_of(world, SCHOOL_B))
    scope = {"hub_id": str(world.hub_id), "role": "adviser", "school_id": SCHOOL_A}
    async with world.as_role(role, **scope) as conn:
        assert [row[0] for row in await conn.fetch("SELECT school_id FROM student")] == [SCHOOL_A]
        assert await conn.execute("UPDATE student SET year_group = 11 WHERE student_id = $1", other) == "UPDATE 0"
    async with world.as_role(role, **scope) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("UPDATE student SET school_id = $1", SCHOOL_B)
    async with world.as_role(role, **scope) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("DELETE FROM student")


@pytest.mark.parametrize("role", ["hub_registry_app", "hub_registry_import"])
async def test_without_a_scope_raw_sql_sees_nothing(world: World, role: str) -> None:
    await _two_schools(world)
    for table in ("student", "school", "staff", "employer", "slot", "programme", "hub"):
        async with world.as_role(role) as conn:
            assert await conn.fetch(f"SELECT 1 FROM {table}") == []


async def test_nobody_forges_or_deletes_the_audit(world: World) -> None:
    scope = {"hub_id": str(world.hub_id), "role": "hub"}
    for statement in (
        "DELETE FROM audit",
        "UPDATE audit SET at = now()",
        "INSERT INTO audit (hub_id, action, subject_kind, subject_id) VALUES (scope_hub(), 'created', 'x', 'y')",
        "TRUNCATE audit",
    ):
        async with world.as_role("hub_registry_app", **scope) as conn:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)


@pytest.mark.parametrize("role", ["adviser", "employer", "operator"])
async def test_raw_sql_of_staff_reads_their_hub_and_does_not_change_it(world: World, role: str) -> None:
    scope = {"hub_id": str(world.hub_id), "role": role, "school_id": SCHOOL_A}
    async with world.as_role("hub_registry_app", **scope) as conn:
        assert await conn.fetchval("SELECT count(*) FROM hub") == 1
        assert await conn.execute("UPDATE hub SET notices_held = true, name = 'Ours'") == "UPDATE 0"
    async with world.as_role("hub_registry_app", **{**scope, "role": "hub"}) as conn:
        assert await conn.execute("UPDATE hub SET notices_held = true") == "UPDATE 1"


async def test_raw_sql_of_staff_revokes_an_own_token_and_nothing_else(world: World) -> None:
    await world.with_schools()
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    staff_id = (await adviser.get("/me")).json()["staff_id"]
    scope = {"hub_id": str(world.hub_id), "role": "adviser", "school_id": SCHOOL_A, "staff_id": staff_id}
    async with world.as_role("hub_registry_app", **scope) as conn:
        assert await conn.fetchval("SELECT count(*) FROM token") == 1
        assert await conn.execute("UPDATE token SET revoked_at = now()") == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("UPDATE token SET revoked_at = NULL")
    for statement in (
        "UPDATE token SET expires_at = 'infinity'",
        "UPDATE token SET scopes = '{read,write,approve}'",
        "UPDATE token SET staff_id = gen_random_uuid()",
        "INSERT INTO token (token_id, staff_id, hub_id, secret_sha256, expires_at) "
        "SELECT gen_random_uuid(), scope_staff(), scope_hub(), sha256('mine'), 'infinity'",
    ):
        async with world.as_role("hub_registry_app", **scope) as conn:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)


@pytest.mark.parametrize("role", ["hub_registry_app", "hub_registry_import"])
@pytest.mark.parametrize(
    "change",
    [
        "verified_at = now()",
        "verified_at = now() + interval '1 day', insurance_valid_until = '2037-07-31'",
        "verified_by = gen_random_uuid()",
        "risk_band = 'higher'",
        "employer_ref = 'E-OTHER'",
    ],
)
async def test_raw_sql_of_an_employer_can_not_decide_what_the_hub_decides(world: World, role: str, change: str) -> None:
    scope = await _verified_employer(world)
    async with world.as_role(role, **scope) as conn:
        assert await conn.execute("UPDATE employer SET contact_name = 'Ann'") == "UPDATE 1"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(f"UPDATE employer SET {change}")


async def test_employer_whose_insurance_changes_is_verified_by_the_hub_again(world: World) -> None:
    employer_id = (await _verified_employer(world))["employer_id"]
    employer = await world.staff("employer", employer_id=employer_id)
    url = f"/employers/{employer_id}"
    same = {"contact_name": "Ann", "insurance_valid_until": EMPLOYER["insurance_valid_until"]}
    assert (await employer.patch(url, json=same)).json()["verified_at"] is not None
    changed = await employer.patch(url, json={"insurance_valid_until": "2037-07-31"})
    assert (changed.json()["insurance_valid_until"], changed.json()["verified_at"]) == ("2037-07-31", None)
    entry = (await world.hub.get("/audit", params={"subject_id": employer_id})).json()["items"][0]
    assert entry["staff_id"] == (await employer.get("/me")).json()["staff_id"]
    assert entry["after"] == {"insurance_valid_until": "2037-07-31", "verified_at": None, "verified_by": None}
    assert (await world.hub.post("/employers/verifications", json={"all": True})).json() == {"verified": 1}


async def _verified_employer(world: World) -> dict[str, str]:
    """Enter an employer that the hub has verified; gives the scope of its staff."""
    await world.upload(world.hub, "/employers/import", csv_of(EMPLOYER))
    assert (await world.hub.post("/employers/verifications", json={"all": True})).json() == {"verified": 1}
    employer_id = (await world.hub.get("/employers")).json()["items"][0]["employer_id"]
    return {"hub_id": str(world.hub_id), "role": "employer", "employer_id": employer_id}


async def test_every_change_is_recorded_by_whom(world: World) -> None:
    await _two_schools(world)
    adviser = await world.staff("adviser", school_id=SCHOOL_A)
    me = (await adviser.get("/me")).json()["staff_id"]
    changed = await _student_of(world, SCHOOL_A)
    await adviser.patch(f"/students/{changed}", json={"year_group": 11})
    entries = (await world.hub.get("/audit", params={"subject_id": changed})).json()["items"]
    assert [(one["action"], one["before"], one["after"]) for one in entries] == [
        ("changed", {"year_group": 10}, {"year_group": 11}),
        ("created", None, None),
    ]
    assert entries[0]["staff_id"] == me


def _new_student(school_id: str) -> dict[str, object]:
    return {
        "school_id": school_id, "mis_id": "5", "first_name": "A", "last_name": "B", "date_of_birth": "2011-11-03",
        "year_group": 10, "travel_modes": ["walk"],
    }  # fmt: skip
