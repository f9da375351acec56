"""The runs of a round: listed, started, followed, cancelled, read."""

import asyncio
import json
import re
from uuid import UUID

import pytest

from hub_schemas.events.runs import RunAccepted, RunFailed, RunProgressed
from hub_schemas.ids import RoundId, RunId, new_id
from tests.integration.registry.world import SCHOOL_A
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.coordinating import signed_in, staff_id


def about(rounds: RoundWorld, run_id: str) -> dict[str, UUID]:
    return {"run_id": RunId(UUID(run_id)), "round_id": RoundId(UUID(rounds.round_id))}


async def test_run_is_started_once_from_the_page_and_listed_newest_first(rounds: RoundWorld) -> None:
    await rounds.close()
    async with signed_in(rounds) as ada:
        await ada.open(f"/rounds/{rounds.round_id}/runs")
        assert "No run has been asked for yet" in ada.text()
        page = ada.page
        await ada.send(action="/runs")
        first = ada.page.url.path
        assert (ada.page.status_code, "The run was asked for" in ada.page.text) == (200, True)
        ada.page = page
        await ada.send(action="/runs")
        assert ada.page.url.path == first
        await rounds.run({"variety": "require"})
        text = (await ada.open(f"/rounds/{rounds.round_id}/runs"), ada.text())[1]
        assert text.index(
            "Should a student meet a sector they don't know?: A student never gets a sector they know"
        ) < text.index("The round’s")
        assert "asked for by Someone" in text


async def test_what_if_asks_only_for_what_is_changed_and_shows_what_is_wrong_at_its_field(rounds: RoundWorld) -> None:
    await rounds.close()
    async with signed_in(rounds) as ada:
        await ada.open(f"/rounds/{rounds.round_id}/runs/what-if")
        filled = {"objective": "rank_maximal", "rank_cost": "own", "rank_costs": "0, 2, 9", "places_per_student": "1"}
        await ada.send(filled)
        shown = await rounds.shown(ada.page.url.path.rsplit("/", 1)[1])
        of_round = (await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}")))["policy"]
        changed = {key: value for key, value in shown["policy"].items() if value != of_round.get(key)}
        seed = changed.pop("lottery_seed")
        assert (len(seed), changed) == (64, {"objective": "rank_maximal", "rank_cost": [0, 2, 9]})
        await ada.open(f"/rounds/{rounds.round_id}/runs/what-if")
        await ada.send({"places_per_student": "99", "objective": "<script>", "time_limit_seconds": "soon"})
        assert ada.page.status_code == 422
        assert 'href="#time_limit_seconds"' in ada.page.text
        assert 'value="99"' in ada.page.text
        assert "<script>alert" not in ada.page.text
        await ada.open(f"/rounds/{rounds.round_id}/runs/what-if")
        await ada.send({})
        assert (ada.page.status_code, "Change at least one setting" in ada.text()) == (422, True)


async def test_run_can_not_be_started_before_the_round_is_closed(rounds: RoundWorld) -> None:
    async with signed_in(rounds) as ada:
        await ada.open(f"/rounds/{rounds.round_id}/runs")
        assert "Start a run" not in ada.text()
        await ada.open(f"/rounds/{rounds.round_id}/runs/what-if")
        await ada.send({"objective": "stable"})
        assert ada.page.status_code == 409


async def test_change_run_starts_from_a_run_with_a_result(rounds: RoundWorld) -> None:
    parent = await rounds.solved()
    async with signed_in(rounds) as ada:
        await ada.open(f"/rounds/{rounds.round_id}/runs/change")
        await ada.send({"parent_run_id": str(new_id()), "mode": "", "policy": "parent"}, action="/change")
        assert ada.page.status_code == 422
        assert 'href="#parent_run_id"' in ada.page.text
        await ada.open(f"/rounds/{rounds.round_id}/runs/change?parent={parent}")
        assert re.search(r"1: [0-9]+ \w+ [0-9]{4} at [0-9:]+[ap]m, the round’s policy \(Solved\)", ada.text()), (
            ada.text()
        )
        await ada.send({"parent_run_id": parent, "mode": "frozen", "policy": "parent"}, action="/change")
        shown = await rounds.shown(ada.page.url.path.rsplit("/", 1)[1])
        assert (shown["parent_run_id"], shown["mode"]) == (parent, "frozen")


async def test_run_on_its_way_shows_its_figures_and_can_be_cancelled(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    told = RunProgressed(
        **about(rounds, run_id), step="solve", level="priority", value=90, bound=100, incumbent=1234, seconds=2.5
    )
    await rounds.deliver(RunAccepted(**about(rounds, run_id)), told)
    async with signed_in(rounds) as ada:
        await ada.open(f"/runs/{run_id}")
        for words in ("2 of 6 settled", "Priority points of those placed", "10.00%", "1,234 placements", "2.5 s"):
            assert words in ada.text()
        await ada.send(action="/cancel")
        assert "The solver was told to stop" in ada.text()
        assert len(await rounds.facts("RunCancelRequested")) == 1


async def test_failed_run_says_why(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    why = RunFailed(**about(rounds, run_id), code="infeasible", reason="no allocation keeps the pins", errors=("<b>",))
    await rounds.deliver(why)
    async with signed_in(rounds) as ada:
        await ada.open(f"/runs/{run_id}")
        assert "no allocation keeps the pins" in ada.text()
        assert "&lt;b&gt;" in ada.page.text


async def test_events_tell_each_change_and_end_with_the_run(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    async with signed_in(rounds) as ada:
        following = asyncio.create_task(ada.http.get(f"/runs/{run_id}/events"))
        await asyncio.sleep(0.5)
        facts = await rounds.answer(run_id)
        await rounds.deliver(*facts)
        await rounds.take()
        answer = await asyncio.wait_for(following, 20)
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
        assert (told[0]["state"], told[-1]) == ("Asked for", {"state": "solved"})
        late = (await ada.http.get(f"/runs/{run_id}/events")).text
        assert late.endswith('event: over\ndata: {"state": "solved"}\n\n')


async def test_events_end_when_the_person_signs_out(rounds: RoundWorld) -> None:
    await rounds.close()
    run_id = await rounds.run()
    async with signed_in(rounds) as ada:
        await ada.open(f"/runs/{run_id}")
        following = asyncio.create_task(ada.http.get(f"/runs/{run_id}/events"))
        await asyncio.sleep(0.5)
        await ada.send(action="/sign-out")
        assert "event: over" not in (await asyncio.wait_for(following, 10)).text


async def test_one_person_follows_only_so_many_runs_at_once_and_no_stream_keeps_a_connection(
    rounds: RoundWorld,
) -> None:
    await rounds.close()
    run_id = await rounds.run()
    async with signed_in(rounds) as ada:
        streams = [asyncio.create_task(ada.http.get(f"/runs/{run_id}/events")) for _ in range(4)]
        async with asyncio.timeout(20):
            while sum(getattr(rounds.world.app.state, "streams", {}).values()) < 4:  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(0.05)
        assert (await ada.http.get(f"/runs/{run_id}/events")).status_code == 204
        pool = rounds.world.app.state.databases["app"].pool
        await asyncio.sleep(0.3)
        assert pool.get_size() - pool.get_idle_size() == 0
        assert (await ada.open(f"/rounds/{rounds.round_id}/runs")).status_code == 200
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)


async def test_who_asks_for_many_streams_at_the_same_moment_follows_no_more_than_one_after_the_other(
    rounds: RoundWorld,
) -> None:
    await rounds.close()
    run_id = await rounds.run()
    async with signed_in(rounds) as ada:
        streams = [asyncio.create_task(ada.http.get(f"/runs/{run_id}/events")) for _ in range(12)]
        ended, going_on = await asyncio.wait(streams, timeout=5)
        assert len(going_on) == 4
        assert {one.result().text for one in ended} <= {"", "retry: 3000\n\n"}
        for stream in going_on:
            stream.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)


RESULT = ("", "/schools", "/slots", "/groups", "/unplaced", "/explanations", "/moves", "/recruit")


async def test_result_is_read_page_by_page(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with signed_in(rounds) as ada:
        for end in RESULT:
            page = await ada.open(f"/runs/{run_id}{end}")
            assert (page.status_code, end) == (200, end), page.text
        await ada.open(f"/runs/{run_id}")
        for words in ("Proven best", "of 4 students placed", "verified: optimal", "Result (SHA-256)"):
            assert words in ada.text(), ada.text()
        await ada.open(f"/runs/{run_id}/unplaced")
        assert "Nothing was ranked for them" in ada.text()
        await ada.open(f"/runs/{run_id}/explanations?q=1002")
        assert "Students (1 to 1 of 1)" in ada.text()
        assert "Zoë" in ada.text()
        await ada.open(f"/runs/{run_id}/explanations?slot=S-WEB")
        assert "1 to 3 of 3" in ada.text()
        await ada.open(f"/runs/{run_id}/explanations?slot=%3Cscript%3E&q=%25")
        assert ("There is no slot with this reference" in ada.text(), "<script>&" in ada.page.text) == (True, False)


async def test_groups_hide_small_numbers(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with signed_in(rounds) as ada:
        await ada.open(f"/runs/{run_id}/groups")
        assert "hidden: a small number" in ada.page.text
        assert "Female" not in ada.text()


@pytest.mark.parametrize("role", ["adviser", "operator", "another hub"])
async def test_runs_are_not_there_for_anybody_else(rounds: RoundWorld, role: str) -> None:
    run_id = await rounds.solved()
    student = (await rounds.fetch("SELECT student_id FROM student LIMIT 1"))[0][0]
    if role == "another hub":
        hub_id = new_id()
        await rounds.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, 'other', 'Other')", hub_id)
        client = await rounds.world.staff("hub", hub_id=hub_id)
    else:
        client = await rounds.world.staff(role, **({"school_id": SCHOOL_A} if role == "adviser" else {}))
    asked = [f"/runs/{run_id}{end}" for end in (*RESULT, "/events", f"/students/{student}")]
    asked += [f"/rounds/{rounds.round_id}/runs{end}" for end in ("", "/what-if", "/change")]
    async with signed_in(rounds, client) as other:
        for address in asked:
            assert ((await other.open(address)).status_code, address) == (404, address)
        await other.open("/")
        form = {"csrf_token": other.form("/sign-out")[1].split('value="')[1].split('"')[0]}
        for address in (f"/runs/{run_id}/cancel", *asked[-3:]):
            assert (await other.http.post(address, data=form)).status_code == 404, address
    assert await staff_id(client)
