"""How requests are answered: idempotency keys, problems, pages, ETags, and PostgreSQL or Kafka being away."""

import asyncio
import json

import asyncpg
import httpx
import pytest

from hub_chassis.migrations import upgrade
from hub_deploy.embedded.postgres import Postgres
from hub_registry.main import build_app
from hub_registry.settings import ROLES, Settings
from tests.integration.registry.world import PROGRAMME, SCHOOL_A, World, csv_of, problem_of, student


async def test_same_key_and_request_give_the_same_answer_once(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await world.hub.post("/programmes", json=PROGRAMME, headers=key)
    again = await world.hub.post("/programmes", json=PROGRAMME, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await world.count("programme") == 1


@pytest.mark.parametrize("path", ["/programmes/", "/schools/"])
async def test_address_with_a_slash_too_many_is_not_ours_and_repeats_no_host(world: World, path: str) -> None:
    answer = await world.hub.get(path, headers={"Host": "elsewhere.example"})
    problem_of(answer, 404)
    assert "location" not in answer.headers


async def test_same_key_with_another_request_is_refused(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    await world.hub.post("/programmes", json=PROGRAMME, headers=key)
    answer = await world.hub.post("/programmes", json={**PROGRAMME, "name": "Other"}, headers=key)
    assert problem_of(answer, 422)["type"] == "urn:placement-hub:problem:key-reused"


async def test_refused_request_does_not_use_up_its_key(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    problem_of(await world.hub.post("/programmes", json={**PROGRAMME, "last_date": "2027-01-01"}, headers=key), 422)
    assert (await world.hub.post("/programmes", json=PROGRAMME, headers=key)).status_code == 201


async def test_keys_of_two_people_are_their_own(world: World) -> None:
    other = await world.staff("hub")
    key = {"Idempotency-Key": "k-1"}
    assert (await world.hub.post("/programmes", json=PROGRAMME, headers=key)).status_code == 201
    problem_of(await other.post("/programmes", json=PROGRAMME, headers=key), 409)


async def test_import_under_a_key_is_done_once(world: World) -> None:
    await world.with_schools()
    path, key = f"/schools/{SCHOOL_A}/students/import", {"Idempotency-Key": "i-1", "Content-Type": "text/csv"}
    first = await world.hub.post(path, content=csv_of(student("1001")), headers=key)
    again = await world.hub.post(path, content=csv_of(student("1001")), headers=key)
    assert (first.json()["created"], again.json()) == (1, first.json())
    problem_of(await world.hub.post(path, content=csv_of(student("1002")), headers=key), 422)


async def test_at_once_under_one_key_one_is_done_and_both_get_its_answer(world: World) -> None:
    key = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(world.hub.post("/programmes", json=PROGRAMME, headers=key) for _ in range(4)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["programme_id"] for answer in done}) == 1
    assert await world.count("programme") == 1


async def test_request_that_still_runs_under_the_same_key_is_409(world: World) -> None:
    staff_id = (await world.hub.get("/me")).json()["staff_id"]
    async with world.owner() as conn, conn.transaction():
        await conn.execute(
            "INSERT INTO idempotency_key (staff_id, hub_id, key, request_sha256) VALUES ($1, $2, 'k-1', '')",
            staff_id,
            world.hub_id,
        )
        answer = await world.hub.post("/programmes", json=PROGRAMME, headers={"Idempotency-Key": "k-1"})
    assert problem_of(answer, 409)["type"] == "urn:placement-hub:problem:key-in-use"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/programmes", 405),
        ("GET", "/programmes/not-an-id", 422),
        ("GET", "/programmes/01999999-9999-7999-8999-999999999999", 404),
        ("GET", "/students?after=nonsense", 422),
        ("GET", "/schools?limit=0", 422),
        ("GET", "/audit?after=9223372036854775808", 422),
        ("GET", "/audit?after=%C2%B2", 422),
        ("GET", "/schools/%00", 422),
        ("GET", "/employers?employer_ref=E%00", 422),
        ("GET", "/audit?subject_id=%00", 422),
        ("POST", "/schools/1047%00/students/import", 422),
    ],
)
async def test_every_refusal_is_a_problem(world: World, method: str, path: str, status: int) -> None:
    problem_of(await world.hub.request(method, path), status)


async def test_fields_that_are_wrong_are_named(world: World) -> None:
    answer = await world.hub.post("/programmes", json={**PROGRAMME, "year_groups": [6], "colour": "red"})
    fields = {error["field"] for error in problem_of(answer, 422)["errors"]}
    assert fields == {"year_groups.0", "colour"}
    broken = await world.hub.post("/programmes", content=b"{", headers={"Content-Type": "application/json"})
    problem_of(broken, 422)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (rb"a\u0000b", 422),
        (rb"a\\\u0000b", 422),
        (b"a\0b", 422),
        (rb"a\\u0000b", 201),
        (rb"a\u00e9b", 201),
    ],
)
async def test_nul_in_json_is_refused_and_a_backslash_before_u0000_is_not(
    world: World, text: bytes, status: int
) -> None:
    body = json.dumps({**PROGRAMME, "name": "NAME"}).encode().replace(b"NAME", text)
    answer = await world.hub.post("/programmes", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    if status == 422:
        problem_of(answer, 422)


async def test_json_over_the_limit_is_413(world: World) -> None:
    problem_of(await world.hub.post("/programmes", json={**PROGRAMME, "name": "x" * 30_000}), 413)


async def test_pages_have_everything_once(world: World) -> None:
    await world.with_schools()
    rows = [student(str(1000 + n)) for n in range(7)]
    await world.upload(world.hub, f"/schools/{SCHOOL_A}/students/import", csv_of(*rows))
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": 3} | ({"after": after} if after else {})
        page = (await world.hub.get("/students", params=params)).json()
        seen += [one["mis_id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [row["mis_id"] for row in rows]


async def test_change_by_someone_else_in_between_is_412(world: World) -> None:
    programme = (await world.hub.post("/programmes", json=PROGRAMME)).json()["programme_id"]
    path = f"/programmes/{programme}"
    tag = (await world.hub.get(path)).headers["etag"]
    fresh = await world.hub.patch(path, json={"name": "First"}, headers={"If-Match": tag})
    assert fresh.json()["name"] == "First"
    problem_of(await world.hub.patch(path, json={"name": "Second"}, headers={"If-Match": tag}), 412)
    again = await world.hub.patch(path, json={"name": "Second"}, headers={"If-Match": fresh.headers["etag"]})
    assert again.status_code == 200
    problem_of(await world.hub.patch(path, json={"name": None}), 422)


async def test_openapi_describes_problems_and_uploads(world: World) -> None:
    document = (await world.hub.get("/openapi.json")).json()
    assert document["info"]["version"] == "1", "the API's: strangers are not told which release runs"
    assert {"Problem", "ProblemError", "Receipt"} <= set(document["components"]["schemas"])
    upload = document["paths"]["/api/v1/employers/import"]["post"]
    assert set(upload["requestBody"]["content"]) == {"text/csv", "multipart/form-data"}
    assert upload["responses"]["422"]["content"].keys() == {"application/problem+json"}
    unsummarised = [
        path for path, operations in document["paths"].items() for one in operations.values() if not one.get("summary")
    ]
    assert unsummarised == []


async def test_postgres_away_is_503_and_the_api_comes_back_by_itself(own_postgres: Postgres) -> None:
    owner = own_postgres.url()
    conn = await asyncpg.connect(owner)
    await conn.execute("CREATE ROLE hub LOGIN PASSWORD 'hub-tests' NOSUPERUSER NOBYPASSRLS")
    await conn.close()
    await asyncio.to_thread(upgrade, owner, package="hub_registry", login="hub", roles=ROLES)
    url = own_postgres.url(user="hub", password="hub-tests")  # noqa: S106 - of a server that lives as long as the test
    settings = Settings(database_url=url, demo=True, acquire_timeout_s=5.0)
    app = build_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer hub_unknown"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://registry/api/v1", headers=headers) as client,
    ):
        problem_of(await client.get("/me"), 401)
        own_postgres.kill()
        answer = await client.get("/me")
        assert problem_of(answer, 503)["type"] == "urn:placement-hub:problem:unavailable"
        assert int(answer.headers["retry-after"]) > 0
        own_postgres.start()
        problem_of(await client.get("/me"), 401)


async def test_entries_are_taken_while_kafka_is_away(world: World) -> None:
    # No broker runs in this test at all: facts wait in the outbox.
    await world.with_schools()
    assert [fact["type"] for fact in await world.staged()] == ["SchoolJoined", "SchoolJoined"]
