"""Where to recruit: the tables of a result arrive with it, hash right and are the hub's to see."""

import csv
import io

from hub_schemas.events.run_results import ResultChunk
from tests.integration.registry.world import SCHOOL_A, problem_of
from tests.integration.registry_rounds.builder import RoundWorld

TABLES = ("recruit", "demand", "aggregates")


async def test_tables_are_served_as_matching_wrote_them(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    slots = {row["slot_id"]: row for row in (await rounds.hub.get("/slots")).json()["items"]}
    gains = (await rounds.ok(rounds.hub.get(f"/runs/{run_id}/recruit")))["items"]
    assert {row["slot_id"] for row in gains} == slots.keys()
    for row in gains:
        slot = slots[row["slot_id"]]
        assert (row["slot_ref"], row["title"], row["sector"]) == (slot["slot_ref"], slot["title"], slot["sector"])
        assert row["kind"] == "exact"
        assert {"students", "placements", "rank_cost"} <= row["gain"].keys()
    [demand] = (await rounds.ok(rounds.hub.get(f"/runs/{run_id}/demand")))["items"]
    assert (demand["sector"], demand["area"]) == ("Digital and media", "L1")
    assert (demand["counts"]["seats"], demand["counts"]["placed"]) == (6, 3)
    aggregates = (await rounds.ok(rounds.hub.get(f"/runs/{run_id}/aggregates")))["items"]
    assert aggregates == [{"reason": "no_preferences", "limit": "", "students": 1}]


async def test_tables_come_in_pages(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    first = await rounds.ok(rounds.hub.get(f"/runs/{run_id}/recruit", params={"limit": 1}))
    second = await rounds.ok(rounds.hub.get(f"/runs/{run_id}/recruit", params={"limit": 1, "after": first["next"]}))
    assert second["next"] is None
    found = [row["slot_id"] for page in (first, second) for row in page["items"]]
    stored = await rounds.fetch("SELECT content FROM run_result WHERE name = 'recruit.csv'")
    assert found == [row["slot_id"] for row in csv.DictReader(io.StringIO(stored[0]["content"].decode()))]


async def test_tables_are_the_hubs_alone_and_of_runs_with_a_result(rounds: RoundWorld) -> None:
    await rounds.close()
    unsolved = await rounds.run()
    run_id = await rounds.solved(await rounds.run())
    adviser = await rounds.world.staff("adviser", school_id=SCHOOL_A)
    for table in TABLES:
        problem_of(await adviser.get(f"/runs/{run_id}/{table}"), 404)
        problem_of(await rounds.hub.get(f"/runs/{unsolved}/{table}"), 409)
        problem_of(await rounds.hub.get(f"/runs/{run_id}/{table}", params={"after": "x"}), 422)


async def test_table_whose_cell_was_changed_on_its_way_fails_the_run(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    facts = await rounds.answer(run_id)
    for at, fact in enumerate(facts):
        if isinstance(fact, ResultChunk) and fact.part == "aggregates":
            header, row = fact.rows
            facts[at] = fact.model_copy(update={"rows": (header, (*row[:2], "2"))})
    await rounds.deliver(*facts)
    await rounds.take()
    failure = (await rounds.shown(run_id))["failure"]
    assert (failure["code"], "aggregates.csv" in failure["reason"]) == ("result_hash_differs", True)
