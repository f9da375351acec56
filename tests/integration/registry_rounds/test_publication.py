"""Approval by two people, publication after a verification of the registry's own, superseding."""

import hashlib
import json
from dataclasses import replace
from uuid import UUID

import pytest

from hub_chassis.database import Database
from hub_registry.access.principal import How, Principal, Role
from hub_registry.approvals import service as approvals
from hub_registry.errors import NeedsPerson
from hub_registry.settings import APP_ROLE, Settings
from hub_schemas.ids import HubId, RunId, StaffId
from hub_schemas.results import result_sha256
from tests.integration.registry.world import problem_of
from tests.integration.registry_rounds.builder import RoundWorld


async def test_second_approval_is_someone_elses(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    url = f"/runs/{run_id}/approvals"
    first = await rounds.ok(rounds.hub.post(url, json={"comment": "looked at the unplaced"}))
    assert first["state"] == "solved"
    assert problem_of(await rounds.hub.post(url), 409)["type"].endswith("approved-already")
    problem_of(await rounds.hub.post(f"/runs/{run_id}/publication"), 409)
    second = await rounds.ok(rounds.second.post(url))
    assert second["state"] == "approved"
    assert [one["comment"] for one in second["approvals"]] == ["looked at the unplaced", ""]
    audited = await rounds.fetch(
        "SELECT staff_id FROM audit WHERE subject_kind = 'approval' AND subject_id = $1", run_id
    )
    assert len({row["staff_id"] for row in audited}) == 2


async def test_run_without_a_result_is_not_approved(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    problem_of(await rounds.hub.post(f"/runs/{run_id}/approvals"), 409)
    for path in ("placements", "summary"):
        problem_of(await rounds.hub.get(f"/runs/{run_id}/{path}"), 409)


@pytest.mark.parametrize("demo", [False])
async def test_token_does_not_approve_outside_demo_mode(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    problem = problem_of(await rounds.hub.post(f"/runs/{run_id}/approvals"), 403)
    assert "demo mode" in problem["detail"]
    assert await rounds.world.count("approval") == 0


@pytest.mark.parametrize("demo", [False])
async def test_run_is_approved_by_two_people_with_a_second_factor(rounds: RoundWorld) -> None:
    run_id = RunId(UUID(await rounds.solved()))
    first, second = await people(rounds)
    settings = Settings(database_url=rounds.world.database.url, demo=True)
    async with Database.open(settings, role=APP_ROLE) as database:

        async def approve(by: Principal) -> str:
            async with database.transaction(hub_id=by.hub_id, scope=by.settings()) as tx:
                return (await approvals.approve(tx, run_id, by=by, comment="", demo=False)).state

        with pytest.raises(NeedsPerson, match="one-time code"):
            await approve(replace(first, second_factor=False))
        with pytest.raises(NeedsPerson, match="signed in"):
            await approve(replace(first, signed_in=How.DEMO))
        with pytest.raises(NeedsPerson, match="signed in"):
            await approve(replace(first, signed_in=None))
        assert [await approve(first), await approve(second)] == ["solved", "approved"]


async def people(rounds: RoundWorld) -> list[Principal]:
    """The two coordinators as the pages know them."""
    shown = [(await client.get("/me")).json() for client in (rounds.hub, rounds.second)]
    return [
        Principal(
            staff_id=StaffId(UUID(one["staff_id"])),
            hub_id=HubId(UUID(one["hub_id"])),
            role=Role.HUB,
            name=one["name"],
            signed_in=How.PASSWORD,
            second_factor=True,
        )
        for one in shown
    ]


async def test_publication_is_announced_with_the_hash_that_was_approved(rounds: RoundWorld) -> None:
    run_id = await rounds.published()
    shown = await rounds.shown(run_id)
    [published] = await rounds.facts("RoundPublished")
    assert published["result_sha256"] == shown["result_sha256"]
    assert (published["run_id"], published["placements"], published["unplaced"]) == (run_id, 3, 1)
    assert shown["state"] == "published"
    problem_of(await rounds.hub.post(f"/runs/{run_id}/publication"), 409)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE run_result SET content = content || 'x,y,1,0,'::bytea WHERE name = 'allocations.csv'",
        "UPDATE run_result SET content = convert_to(replace(convert_from(content, 'UTF8'), "
        "'\"gap\": 0', '\"gap\": 1'), 'UTF8') WHERE name = 'run.json'",
        "UPDATE run_result SET content = 'limit' WHERE name = 'certificate.csv'",
        "UPDATE run_result SET content = content || '{}\n'::bytea WHERE name = 'explanations.jsonl'",
        "UPDATE run_result SET content = content || 'x\n'::bytea WHERE name = 'aggregates.csv'",
        "DELETE FROM run_result WHERE name = 'aggregates.csv'",
        "UPDATE explanation SET body = replace(body, 'First choice', 'Your wish') WHERE place = 0",
        "DELETE FROM explanation WHERE place = 0",
        "UPDATE explanation e SET school_id = o.school_id FROM explanation o WHERE o.school_id <> e.school_id",
        "UPDATE placement SET rank = 1, minutes = 0",
        "DELETE FROM unplaced",
    ],
)
async def test_tampered_result_is_not_published(rounds: RoundWorld, tampering: str) -> None:
    run_id = await rounds.approved()
    await rounds.execute(tampering)
    problem = problem_of(await rounds.hub.post(f"/runs/{run_id}/publication"), 409)
    assert problem["type"].endswith("result-rejected")
    assert problem["reasons"]
    assert await rounds.facts("RoundPublished") == []
    shown = await rounds.shown(run_id)
    assert (shown["state"], shown["failure"]["code"]) == ("failed", "rejected_by_registry")
    assert await rounds.state() == "closed"


async def test_words_that_were_changed_in_a_result_of_the_previous_release_are_not_published(
    rounds: RoundWorld,
) -> None:
    """Its words are not written again to compare; matching announced what their file hashes to."""
    run_id = await rounds.approved()
    [row] = await rounds.fetch("SELECT content FROM run_result WHERE name = 'run.json'")
    by_0_1_0 = json.dumps({**json.loads(row["content"]), "version": "0.1.0"}).encode()
    await rounds.execute("UPDATE run_result SET content = $1 WHERE name = 'run.json'", by_0_1_0)
    await rounds.execute(
        "UPDATE run SET report = jsonb_set(report, '{part_sha256,run}', to_jsonb($1::text))",
        hashlib.sha256(by_0_1_0).hexdigest(),
    )
    await rounds.execute('UPDATE explanation SET body = replace(body, \'"text":"\', \'"text":"Sorry. \')')
    await rounds.execute(
        "UPDATE run_result SET content = convert_to(replace(convert_from(content, 'UTF8'), '\"text\":\"', "
        "'\"text\":\"Sorry. '), 'UTF8') WHERE name = 'explanations.jsonl'"
    )
    problem = problem_of(await rounds.hub.post(f"/runs/{run_id}/publication"), 409)
    assert problem["reasons"] == ["explanations.jsonl does not hash to what matching announced"]
    assert await rounds.facts("RoundPublished") == []


async def test_worse_allocation_with_a_hash_to_match_is_not_published(rounds: RoundWorld) -> None:
    """Somebody who can write to the database takes a student's place away everywhere: only the proof finds it."""
    run_id = await rounds.approved()
    files = {row["name"]: row["content"] for row in await rounds.fetch("SELECT name, content FROM run_result")}
    header, first, *rest = files["allocations.csv"].decode().splitlines()
    gone = first.split(",")[0]
    unplaced = files["unplaced.csv"].decode().splitlines()
    worse = {
        "allocations.csv": "\n".join([header, *rest, ""]).encode(),
        "unplaced.csv": "\n".join([unplaced[0], *sorted([*unplaced[1:], f"{gone},choices_full"]), ""]).encode(),
    }
    for name, content in worse.items():
        await rounds.execute("UPDATE run_result SET content = $1 WHERE name = $2", content, name)
    sha256 = result_sha256(worse["allocations.csv"], worse["unplaced.csv"])
    await rounds.execute(
        "UPDATE run SET report = report - 'part_sha256' || jsonb_build_object('result_sha256', $1::text)", sha256
    )
    await rounds.execute(
        "WITH gone AS (DELETE FROM placement p USING participant m "
        "WHERE m.student_id = p.student_id AND m.participant_id = $1 RETURNING p.*) "
        "INSERT INTO unplaced SELECT run_id, hub_id, round_id, student_id, school_id, 'choices_full' FROM gone",
        gone,
    )
    problem = problem_of(await rounds.hub.post(f"/runs/{run_id}/publication"), 409)
    assert any("levels" in reason for reason in problem["reasons"])


async def test_another_run_supersedes_the_one_that_stood(rounds: RoundWorld) -> None:
    first = await rounds.published()
    second = await rounds.approved(await rounds.run({"rank_cost": "linear"}))
    await rounds.ok(rounds.hub.post(f"/runs/{second}/publication"))
    states = [(await rounds.shown(run_id))["state"] for run_id in (first, second)]
    assert states == ["superseded", "published"]
    kinds = [fact["type"] for fact in await rounds.world.staged()]
    assert kinds[-2:] == ["RoundSuperseded", "RoundPublished"]
    [superseded] = await rounds.facts("RoundSuperseded")
    assert superseded == {"round_id": rounds.round_id, "run_id": first, "by_run_id": second}
    round_ = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}"))
    assert round_["published_run_id"] == second
    kept = await rounds.fetch("SELECT DISTINCT run_id::text FROM placement")
    assert {row[0] for row in kept} == {first, second}


async def test_run_of_a_round_cancelled_meanwhile_is_not_published(rounds: RoundWorld) -> None:
    run_id = await rounds.approved()
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/cancel", json={"reason": "wrong_dates"}))
    problem_of(await rounds.hub.post(f"/runs/{run_id}/publication"), 409)
    assert await rounds.facts("RoundPublished") == []
