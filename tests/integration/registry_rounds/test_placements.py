"""Who sees what of a published run, and what the notifier is told."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from hub_schemas.events.notices import NoticeFailed, NoticeSent, NoticeUncertain
from hub_schemas.ids import NoticeId, RoundId, RunId, new_id
from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, csv_of, problem_of, student
from tests.integration.registry_rounds.builder import INTERNAL, RoundWorld


async def test_adviser_sees_their_own_school_with_rank_and_reasons(rounds: RoundWorld) -> None:
    await rounds.published()
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    placed = (await rounds.ok(adviser.get(f"/rounds/{rounds.round_id}/placements")))["items"]
    assert [(one["school_id"], one["mis_id"], one["rank"]) for one in placed] == [
        (SCHOOL_A, "1001", 1),
        (SCHOOL_A, "1002", 1),
    ]
    assert all(one["explanation"]["text"].startswith("First choice") for one in placed)
    [unplaced] = (await rounds.ok(adviser.get(f"/rounds/{rounds.round_id}/unplaced")))["items"]
    assert (unplaced["mis_id"], unplaced["reason"]) == ("1003", "no_preferences")
    problem_of(await adviser.get(f"/rounds/{rounds.round_id}/summary"), 403)


@pytest.mark.parametrize("when", ["closed", "published"])
async def test_what_is_known_of_a_student_follows_them_to_another_school(rounds: RoundWorld, when: str) -> None:
    await rounds.open()
    await rounds.submit()
    placed = await _student_id(rounds, "1001")
    slot = (await rounds.hub.get("/slots", params={"slot_ref": "S-GAMES"})).json()["items"][0]["slot_id"]
    await rounds.ok(rounds.hub.put(f"/rounds/{rounds.round_id}/pins/{placed}", json={"slot_id": slot}))
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    run_id = await rounds.run()
    if when == "closed":
        await _move(rounds, "1001", "1003")
    await rounds.published(run_id)
    if when == "published":
        await _move(rounds, "1001", "1003")
    before = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    after = await rounds.world.staff("adviser", school_id=SCHOOL_B)
    url = f"/rounds/{rounds.round_id}"
    seen = [
        {one["mis_id"]: one for one in (await rounds.ok(adviser.get(f"{url}/{what}")))["items"]}
        for adviser in (before, after)
        for what in ("placements", "unplaced")
    ]
    assert [set(one) for one in seen] == [{"1002"}, set(), {"2001", "7001"}, {"7003"}]
    assert seen[2]["7001"]["explanation"]["text"]
    for table in ("pin", "preference", "participant", "explanation"):
        rows = await rounds.fetch(f"SELECT school_id FROM {table} WHERE student_id = $1", placed)
        assert {row["school_id"] for row in rows} == {SCHOOL_B}


async def _student_id(rounds: RoundWorld, mis_id: str) -> str:
    return str((await rounds.hub.get("/students", params={"mis_id": mis_id})).json()["items"][0]["student_id"])


async def _move(rounds: RoundWorld, *mis_ids: str) -> None:
    """Let students of school A appear in a file of school B, under new ids there."""
    moved = [student(f"7{mis_id[1:]}", upn=student(mis_id)["upn"]) for mis_id in mis_ids]
    staying = student("2001")
    await rounds.world.upload(rounds.hub, f"/schools/{SCHOOL_B}/students/import", csv_of(staying, *moved))


async def test_employer_sees_who_comes_and_what_they_need_and_no_more(rounds: RoundWorld) -> None:
    await rounds.published()
    employer = await rounds.world.staff("employer", employer_id=rounds.employer_id)
    hosted = (await rounds.ok(employer.get(f"/rounds/{rounds.round_id}/placements")))["items"]
    assert {(one["first_name"], tuple(one["access_needs"])) for one in hosted} == {
        ("Erin", ()),
        ("Zoë", ("step_free",)),
    }
    assert set(hosted[0]) == {
        "student_id", "first_name", "year_group", "access_needs", "slot_id", "slot_ref", "title", "dates"
    }  # fmt: skip
    problem_of(await employer.get(f"/rounds/{rounds.round_id}/unplaced"), 403)
    stranger = await _other_employer(rounds)
    assert (await rounds.ok(stranger.get(f"/rounds/{rounds.round_id}/placements")))["items"] == []


async def test_nothing_is_seen_before_publication(rounds: RoundWorld) -> None:
    await rounds.approved()
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    problem_of(await adviser.get(f"/rounds/{rounds.round_id}/placements"), 409)
    async with rounds.seen_by("adviser", school_id=SCHOOL_A) as conn:
        assert await conn.fetchval("SELECT count(*) FROM placement") == 0
        assert await conn.fetchval("SELECT count(*) FROM explanation") == 0


@pytest.mark.parametrize(
    "table",
    [
        "round", "preference", "submission", "participant", "frozen_input", "frozen_table", "run", "run_result",
        "approval", "placement", "unplaced", "explanation", "hosted_student",
    ],
)  # fmt: skip
async def test_without_a_scope_nothing_is_seen(rounds: RoundWorld, table: str) -> None:
    await rounds.published()
    if table != "hosted_student":
        assert await rounds.world.count(table) > 0
    async with rounds.world.as_role("hub_registry_app") as conn:
        assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_row_level_security_keeps_schools_and_employers_apart(rounds: RoundWorld) -> None:
    await rounds.published()
    async with rounds.seen_by("adviser", school_id=SCHOOL_B) as conn:
        schools = await conn.fetch("SELECT DISTINCT school_id FROM placement UNION SELECT school_id FROM preference")
        assert [row[0] for row in schools] == [SCHOOL_B]
        for hidden in ("participant", "frozen_table", "run", "approval", "run_result"):
            assert await conn.fetchval(f"SELECT count(*) FROM {hidden}") == 0
    async with rounds.seen_by("employer", employer_id=rounds.employer_id) as conn:
        assert await conn.fetchval("SELECT count(*) FROM hosted_student") == 3
        for hidden in ("placement", "preference", "participant", "explanation"):
            assert await conn.fetchval(f"SELECT count(*) FROM {hidden}") == 0


async def test_summary_counts_what_stands(rounds: RoundWorld) -> None:
    run_id = await rounds.published()
    summary = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}/summary"))
    assert summary == await rounds.ok(rounds.hub.get(f"/runs/{run_id}/summary"))
    assert (summary["students"], summary["placements"], summary["first_choice_share"]) == (4, 3, 1.0)
    assert summary["by_rank"] == {"1": 3}
    assert summary["unplaced_by_reason"] == {"no_preferences": 1}
    assert summary["minutes"]["median"] > 0
    assert [(one["school_id"], one["placed"], one["unplaced"]) for one in summary["by_school"]] == [
        (SCHOOL_A, 2, 1),
        (SCHOOL_B, 1, 0),
    ]


async def test_lists_come_in_pages(rounds: RoundWorld) -> None:
    run_id = await rounds.published()
    for path, expected in ((f"/rounds/{rounds.round_id}/placements", 3), (f"/runs/{run_id}/explanations", 5)):
        seen: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            params = {"limit": 2} | ({"after": after} if after else {})
            page = await rounds.ok(rounds.hub.get(path, params=params))
            assert len(page["items"]) <= 2
            seen += page["items"]
            after = page["next"]
            if after is None:
                break
        assert len({json.dumps(one) for one in seen}) == len(seen) >= expected - 1


async def test_notifier_is_told_counts_and_never_a_students_name(rounds: RoundWorld) -> None:
    await rounds.world.staff("adviser", school_id=SCHOOL_A)
    run_id = await rounds.published()
    async with _internal(rounds, INTERNAL) as notifier:
        url = f"/rounds/{rounds.round_id}"
        told = await rounds.ok(notifier.get(f"{url}/recipients", params={"run_id": run_id}))
        assert told["result_sha256"] == (await rounds.shown(run_id))["result_sha256"]
        assert told["held"] is False
        assert sorted(one["kind"] for one in told["recipients"]) == ["adviser", "employer"]
        ids: dict[str, list[str]] = {"adviser": [str(new_id())], "employer": [str(new_id())]}
        for one in told["recipients"]:
            ids[one["kind"]].append(one["recipient_id"])
        shown = await rounds.ok(notifier.get(f"{url}/notices", params={"run_id": run_id, **ids}))
        assert (shown["result_sha256"], shown["held"]) == (told["result_sha256"], False)
        views = {one["kind"]: one for one in shown["notices"]}
        assert [(one["kind"], one["recipient_id"]) for one in shown["notices"]] == [
            (one["kind"], one["recipient_id"]) for one in told["recipients"]
        ]
    adviser, employer = views["adviser"]["view"], views["employer"]["view"]
    assert (adviser["students"], adviser["placed"], adviser["first_choice"], adviser["unplaced"]) == (3, 2, 2, 1)
    assert employer["students"] == 3
    assert not adviser["replaces"]
    assert sorted((slot["students"], slot["first_date"]) for slot in employer["slots"]) == [
        (1, "2027-06-28"),
        (2, "2027-06-28"),
    ]
    assert views["employer"]["address"]["email"] == "placements@tern-tide.example"
    assert not any(name in json.dumps(views, ensure_ascii=False) for name in ("Erin", "Zoë", "Lunt"))


async def test_internal_api_refuses_other_tokens_and_runs_that_do_not_stand(rounds: RoundWorld) -> None:
    first = await rounds.published()
    path, params = f"/rounds/{rounds.round_id}/recipients", {"run_id": first}
    async with _internal(rounds, await rounds.world.token("hub")) as stranger:
        problem_of(await stranger.get(path, params=params), 401)
    second = await rounds.approved(await rounds.run({"rank_cost": "linear"}))
    async with _internal(rounds, INTERNAL) as notifier:
        problem_of(await notifier.get(path, params={"run_id": second}), 404)
        problem_of(await notifier.get(path, params={"run_id": str(new_id())}), 404)
        await rounds.ok(rounds.hub.post(f"/runs/{second}/publication"))
        problem_of(await notifier.get(path, params=params), 409)
        views = f"/rounds/{rounds.round_id}/notices"
        someone = {"employer": str(new_id())}
        problem_of(await notifier.get(views, params=params | someone), 409)
        assert (await rounds.ok(notifier.get(views, params={"run_id": second} | someone)))["notices"] == []
        problem_of(await notifier.get(views, params={"run_id": second, "employer": [str(new_id())] * 101}), 422)


async def test_internal_api_describes_itself_and_the_public_one_leaves_it_out(rounds: RoundWorld) -> None:
    async with _internal(rounds, INTERNAL) as notifier:
        described = await rounds.ok(notifier.get("/openapi.json"))
    assert "/rounds/{round_id}/notices" in described["paths"]
    assert not any(path.startswith("/internal") for path in rounds.world.app.openapi()["paths"])


async def test_hub_holds_and_releases_its_notices(rounds: RoundWorld) -> None:
    run_id = await rounds.published()
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    problem_of(await adviser.post("/notices/hold"), 403)
    async with _internal(rounds, INTERNAL) as notifier:
        for path, held in (("/notices/hold", True), ("/notices/release", False)):
            assert await rounds.ok(rounds.hub.post(path)) == {"held": held}
            told = await rounds.ok(notifier.get(f"/rounds/{rounds.round_id}/recipients", params={"run_id": run_id}))
            assert told["held"] is held


@pytest.mark.parametrize(
    "order", [("sent", "uncertain"), ("uncertain", "sent"), ("failed", "sent"), ("sent", "failed")]
)
async def test_ledger_knows_a_notice_was_sent_whatever_the_order(rounds: RoundWorld, order: tuple[str, str]) -> None:
    run_id = await rounds.published()
    about: dict[str, Any] = {
        "notice_id": NoticeId(new_id()),
        "round_id": UUID(rounds.round_id),
        "run_id": UUID(run_id),
        "recipient_kind": "employer",
        "recipient_id": rounds.employer_id,
    }
    facts = {
        "sent": NoticeSent(**about, sent_at="2027-05-01T10:00:00Z"),
        "failed": NoticeFailed(**about, reason="refused"),
        "uncertain": NoticeUncertain(**about, reason="cut off"),
    }
    for name in order:
        records = rounds.records(facts[name])
        assert (await rounds.deliver_records(records)).handled == 1
        assert (await rounds.deliver_records(records)).duplicate == 1
    ledger = await rounds.ok(rounds.hub.get("/notices"))
    assert ledger["counts"] == {"expected": 1, "sent": 1, "failed": 0, "uncertain": 0}
    assert [(one["state"], one["reason"]) for one in ledger["items"]] == [("sent", "")]


async def test_notices_of_another_hubs_run_are_set_aside_and_their_neighbours_recorded(rounds: RoundWorld) -> None:
    run_id = await rounds.published()

    def sent(run: Any) -> NoticeSent:
        return NoticeSent(
            notice_id=NoticeId(new_id()),
            round_id=RoundId(UUID(rounds.round_id)),
            run_id=RunId(UUID(str(run))),
            recipient_kind="employer",
            recipient_id=rounds.employer_id,
            sent_at="2027-05-01T10:00:00Z",
        )

    outcome = await rounds.deliver_records(rounds.records(sent(run_id), sent(new_id()), sent(run_id)))
    assert (outcome.handled, outcome.permanent) == (2, 1)
    assert (await rounds.ok(rounds.hub.get("/notices")))["counts"]["sent"] == 2


async def test_notices_of_a_superseded_run_are_not_counted_for_the_one_that_stands(rounds: RoundWorld) -> None:
    first = await rounds.published()
    failed = NoticeFailed(
        notice_id=NoticeId(new_id()),
        round_id=RoundId(UUID(rounds.round_id)),
        run_id=RunId(UUID(first)),
        recipient_kind="employer",
        recipient_id=rounds.employer_id,
        reason="superseded",
    )
    assert (await rounds.deliver_records(rounds.records(failed))).handled == 1
    second = await rounds.approved(await rounds.run({"rank_cost": "linear"}))
    await rounds.ok(rounds.hub.post(f"/runs/{second}/publication"))
    someone = {"employer": rounds.employer_id}
    async with _internal(rounds, INTERNAL) as notifier:
        shown = await rounds.ok(notifier.get(f"/rounds/{rounds.round_id}/notices", params={"run_id": second} | someone))
    assert [one["view"]["replaces"] for one in shown["notices"]] == [True]
    counts = (await rounds.ok(rounds.hub.get("/notices")))["counts"]
    assert counts["expected"] > 0
    assert counts["sent"] + counts["failed"] + counts["uncertain"] == 0


def _internal(rounds: RoundWorld, token: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(rounds.world.app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=transport, base_url="http://registry/internal/v1", headers=headers)


async def _other_employer(rounds: RoundWorld) -> httpx.AsyncClient:
    rows = await rounds.fetch(
        "INSERT INTO employer (employer_id, hub_id, employer_ref, name, sector) "
        "VALUES (gen_random_uuid(), $1, 'E-OTHER', 'Other', 'Other') RETURNING employer_id::text",
        rounds.world.hub_id,
    )
    return await rounds.world.staff("employer", employer_id=rows[0][0])
