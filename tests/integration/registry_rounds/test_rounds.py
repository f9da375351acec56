"""Rounds: made, opened, filled, closed, cancelled; every state refuses what it must."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.registry.world import SCHOOL_A, SCHOOL_B, problem_of
from tests.integration.registry_rounds.builder import RoundWorld, preferences


async def test_round_goes_from_draft_to_published(rounds: RoundWorld) -> None:
    assert await rounds.state() == "draft"
    await rounds.published()
    assert await rounds.state() == "published"
    kinds = [fact["type"] for fact in await rounds.world.staged() if fact["type"].startswith("Round")]
    assert kinds == ["RoundOpened", "RoundClosed", "RoundPublished"]


async def test_lottery_seed_is_committed_at_opening_and_revealed_at_closing(rounds: RoundWorld) -> None:
    assert (await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}")))["lottery"] == {
        "commitment": None,
        "seed": None,
    }
    await rounds.open()
    opened = (await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}")))["lottery"]
    assert opened["seed"] is None
    assert (await rounds.facts("RoundOpened"))[0]["lottery_commitment"] == opened["commitment"]
    closed = await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    seed = closed["lottery"]["seed"]
    assert len(bytes.fromhex(seed)) * 8 >= 128
    assert hashlib.sha256(seed.encode()).hexdigest() == opened["commitment"]
    assert (await rounds.facts("RoundClosed"))[0]["lottery_seed"] == seed


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("adviser", {"school_id": SCHOOL_A}),
        ("employer", {"employer_id": "00000000-0000-0000-0000-000000000001"}),
        ("operator", {}),
    ],
)
async def test_raw_sql_of_staff_finds_the_lottery_seed_only_after_closing(
    rounds: RoundWorld, role: str, scope: dict[str, str]
) -> None:
    await rounds.open()
    seed = (await rounds.fetch("SELECT seed FROM lottery"))[0]["seed"]
    async with rounds.seen_by(role, **scope) as conn:
        assert await conn.fetchval("SELECT count(*) FROM round") == 1
        assert await conn.fetch("SELECT seed FROM lottery") == []
        assert seed not in await conn.fetchval("SELECT string_agg(to_jsonb(round)::text, '') FROM round")
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    async with rounds.seen_by(role, **scope) as conn:
        assert await conn.fetchval("SELECT seed FROM lottery") == seed


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/close", {}),
        ("/runs", {}),
    ],
)
async def test_draft_refuses_what_needs_an_open_or_closed_round(rounds: RoundWorld, path: str, body: Any) -> None:
    problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}{path}", json=body), 409)
    assert await rounds.state() == "draft"


async def test_open_round_is_neither_opened_again_nor_changed_nor_run(rounds: RoundWorld) -> None:
    await rounds.open()
    url = f"/rounds/{rounds.round_id}"
    problem_of(await rounds.hub.post(f"{url}/open"), 409)
    problem_of(await rounds.hub.patch(url, json={"name": "Other"}), 409)
    problem_of(await rounds.hub.post(f"{url}/runs", json={}), 409)
    problem_of(await rounds.hub.get(f"{url}/input.zip"), 409)
    problem_of(await rounds.hub.get(f"{url}/placements"), 409)


async def test_closed_round_takes_neither_preferences_nor_another_closing(rounds: RoundWorld) -> None:
    await rounds.close()
    url = f"/rounds/{rounds.round_id}"
    file = preferences(("1001", 1, "S-WEB"))
    problem_of(await rounds.world.send(rounds.hub, f"{url}/schools/{SCHOOL_A}/preferences/import", file), 409)
    student = (await rounds.hub.get("/students", params={"mis_id": "1001"})).json()["items"][0]["student_id"]
    slot = (await rounds.hub.get("/slots")).json()["items"][0]["slot_id"]
    body = {"round_id": rounds.round_id, "preferences": [{"rank": 1, "slot_id": slot}]}
    problem_of(await rounds.hub.put(f"/students/{student}/preferences", json=body), 409)
    problem_of(await rounds.hub.post(f"{url}/close"), 409)


async def test_published_round_is_not_cancelled(rounds: RoundWorld) -> None:
    await rounds.published()
    problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}/cancel", json={"reason": "too_late"}), 409)


async def test_cancelled_round_is_not_run(rounds: RoundWorld) -> None:
    await rounds.close()
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/cancel", json={"reason": "wrong_policy"}))
    problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}/runs", json={}), 409)
    assert (await rounds.facts("RoundCancelled")) == [{"round_id": rounds.round_id, "reason": "wrong_policy"}]


async def test_second_round_at_once_is_refused(rounds: RoundWorld) -> None:
    await rounds.open()
    other = await rounds.new_round(name="Another")
    problem = problem_of(await rounds.hub.post(f"/rounds/{other}/open"), 409)
    assert problem["type"].endswith("round-in-progress")
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/cancel", json={"reason": "other_first"}))
    await rounds.ok(rounds.hub.post(f"/rounds/{other}/open"))


async def test_round_that_closes_before_it_opens_is_refused(rounds: RoundWorld) -> None:
    now = datetime.now(UTC)
    body = {
        "programme_id": rounds.programme,
        "name": "Backwards",
        "opens_at": (now + timedelta(days=2)).isoformat(),
        "closes_at": (now + timedelta(days=1)).isoformat(),
    }
    problem = problem_of(await rounds.hub.post("/rounds", json=body), 422)
    assert problem["errors"][0]["field"] == "closes_at"


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"objective": "fairest"}, "policy.objective"),
        ({"places_per_student": 0}, "policy.places_per_student"),
        ({"colour": "blue"}, "policy.colour"),
        ({"lottery_seed": "mine"}, "policy.lottery_seed"),
    ],
)
async def test_wrong_policy_is_refused_by_its_key(rounds: RoundWorld, policy: dict[str, Any], field: str) -> None:
    body = {"programme_id": rounds.programme, "name": "R", "closes_at": "2037-01-01T00:00:00Z", "policy": policy}
    problem = problem_of(await rounds.hub.post("/rounds", json=body), 422)
    assert problem["errors"][0]["field"] == field


async def test_draft_changes_and_deadline_is_shown_in_london(rounds: RoundWorld) -> None:
    changes = {"closes_at": "2037-06-11T16:00:00Z", "policy": {"rank_cost": "linear"}}
    changed = await rounds.ok(rounds.hub.patch(f"/rounds/{rounds.round_id}", json=changes))
    assert changed["closes_at_london"] == "Thursday 11 June 2037 at 5:00pm"
    assert changed["policy"]["rank_cost"] == "linear"
    assert changed["policy"]["default_max_travel_minutes"] == 60


async def test_adviser_knows_rounds_but_may_not_rule_them(rounds: RoundWorld) -> None:
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    url = f"/rounds/{rounds.round_id}"
    assert (await adviser.get(url)).status_code == 200
    for path in ("open", "close"):
        problem_of(await adviser.post(f"{url}/{path}"), 403)
    problem_of(await adviser.get(f"{url}/input.zip"), 403)
    problem_of(await adviser.get(f"{url}/missing"), 403)


async def test_another_hub_knows_nothing_of_the_round(rounds: RoundWorld) -> None:
    async with rounds.world.owner() as conn:
        other = await conn.fetchval(
            "INSERT INTO hub (hub_id, slug, name) VALUES (gen_random_uuid(), 'other', 'Other') RETURNING hub_id"
        )
    stranger = await rounds.world.staff("hub", hub_id=other)
    problem_of(await stranger.get(f"/rounds/{rounds.round_id}"), 404)
    problem_of(await stranger.post(f"/rounds/{rounds.round_id}/open"), 404)
    assert (await stranger.get("/rounds")).json()["items"] == []


async def test_clock_opens_reminds_and_closes_once_after_downtime(rounds: RoundWorld) -> None:
    round_id = await rounds.new_round(opens_at=(datetime.now(UTC) + timedelta(days=1)).isoformat())
    rounds.round_id = round_id
    assert await rounds.tick() == 0
    await _pass_time(rounds, "round.open")
    assert await rounds.tick() == 1
    assert await rounds.state() == "open"
    await rounds.submit()
    await _pass_time(rounds, "round.remind")
    assert await rounds.tick() == 1
    near = await rounds.facts("DeadlineNear")
    assert [(one["round_id"], one["schools_missing"]) for one in near] == [(round_id, 0)]
    await _pass_time(rounds, "round.close")
    assert await rounds.tick() == 1
    assert await rounds.state() == "closed"
    assert await rounds.tick() == 0
    assert len(await rounds.facts("RoundClosed")) == len(await rounds.facts("RoundOpened")) == 1


async def test_reminder_counts_the_schools_that_have_not_submitted(rounds: RoundWorld) -> None:
    await rounds.open()
    file = preferences(("2001", 1, "S-WEB"))
    await rounds.world.upload(rounds.hub, f"/rounds/{rounds.round_id}/schools/{SCHOOL_B}/preferences/import", file)
    await _pass_time(rounds, "round.remind")
    await rounds.tick()
    assert [one["schools_missing"] for one in await rounds.facts("DeadlineNear")] == [1]


async def test_round_closed_by_hand_is_not_closed_by_the_clock_again(rounds: RoundWorld) -> None:
    await rounds.close()
    assert (await rounds.fetch("SELECT kind FROM due")) == []


async def test_round_that_no_run_could_solve_does_not_close_until_it_is_mended(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await _set_companion(rounds, "1002")
    problem = problem_of(await rounds.hub.post(f"/rounds/{rounds.round_id}/close"), 409)
    assert problem["type"].endswith("input-not-frozen")
    assert "companion" in problem["detail"]
    [error] = problem["errors"]
    known = {one["student_id"] for one in (await rounds.hub.get("/students")).json()["items"]}
    assert (error["column"], error["field"] in known) == ("companion_id", True)
    named = set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", error["message"]))
    assert (len(named), named <= known) == (3, True)
    assert await rounds.state() == "open"
    for table in ("participant", "frozen_input", "frozen_table"):
        assert await rounds.world.count(table) == 0
    assert await rounds.facts("RoundClosed") == await rounds.facts("InputChunk") == []
    await _set_companion(rounds, None)
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/close"))
    assert await rounds.state() == "closed"


async def test_clock_says_why_it_can_not_close_a_round_and_tries_again(rounds: RoundWorld) -> None:
    url = f"/rounds/{rounds.round_id}"
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    await rounds.open()
    await rounds.submit()
    await _set_companion(rounds, "1002")
    await _pass_time(rounds, "round.close")
    assert await rounds.tick() == 1
    shown = await rounds.ok(rounds.hub.get(url))
    assert (shown["state"], "companion" in shown["closing_failed"]) == ("open", True)
    assert (await rounds.ok(adviser.get(url)))["closing_failed"] is None
    assert await rounds.tick() == 0
    await _set_companion(rounds, None)
    await _pass_time(rounds, "round.close")
    assert await rounds.tick() == 1
    shown = await rounds.ok(rounds.hub.get(url))
    assert (shown["state"], shown["closing_failed"]) == ("closed", None)
    assert await rounds.fetch("SELECT kind FROM due") == []


async def test_after_the_deadline_nobody_submits_while_the_clock_is_behind(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute("UPDATE round SET closes_at = now() - interval '1 second'")
    url = f"/rounds/{rounds.round_id}/schools/{SCHOOL_A}/preferences/import"
    problem = problem_of(await rounds.world.send(rounds.hub, url, preferences(("1001", 1, "S-WEB"))), 409)
    assert problem["type"].endswith("round-not-open")
    found = (await rounds.hub.get("/students", params={"mis_id": "1001"})).json()["items"][0]["student_id"]
    body = {"round_id": rounds.round_id, "preferences": []}
    problem_of(await rounds.hub.put(f"/students/{found}/preferences", json=body), 409)
    assert await rounds.world.count("preference") == 5


async def _set_companion(rounds: RoundWorld, mis_id: str | None) -> None:
    """Let 1001 ask for the company of 1002, who has asked for that of 1003 before, or for nobody's."""
    await rounds.execute("UPDATE student SET companion_mis_id = '1003' WHERE mis_id = '1002'")
    who = str((await rounds.hub.get("/students", params={"mis_id": "1001"})).json()["items"][0]["student_id"])
    await rounds.ok(rounds.hub.patch(f"/students/{who}", json={"companion_mis_id": mis_id}))


async def _pass_time(rounds: RoundWorld, kind: str) -> None:
    """As if the service had been away since long before the row fell due."""
    await rounds.execute("UPDATE due SET next_try = now() - interval '3 days' WHERE kind = $1", kind)
