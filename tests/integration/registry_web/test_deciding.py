"""Two runs compared, approved by two people who looked, published, superseded; who goes where; notices held."""

from hub_schemas.ids import new_id
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.coordinating import signed_in
from tests.integration.registry_web.hub_pages import refused_to_others
from tests.integration.registry_web.test_pictures import drawn, pictures
from tests.support.visitor import Visitor

LOOKED_AT = ("", "/groups", "/unplaced", "/explanations")
GIVEN = {"comment": "Looked at =cmd and <b>groups</b>", "sure": "yes"}


async def look(visitor: Visitor, run_id: str) -> None:
    for end in LOOKED_AT:
        assert (await visitor.open(f"/runs/{run_id}{end}")).status_code == 200


async def two_runs(rounds: RoundWorld) -> tuple[str, str]:
    """One run for all, and a what-if with a travel limit nobody can keep."""
    one = await rounds.solved()
    other = await rounds.run({"default_max_travel_minutes": 1})
    return one, await rounds.solved(other)


async def test_runs_are_compared_by_what_they_come_to_and_who_gains_and_loses(rounds: RoundWorld) -> None:
    one, other = await two_runs(rounds)
    async with signed_in(rounds) as ada:
        base = f"/rounds/{rounds.round_id}/compare"
        await ada.open(f"{base}?one={one}&other={other}")
        text = ada.text()
        assert "3 students lose: a lower choice, or no place" in text, text
        assert "Travel limit where a school gives none 60 minutes 1 minutes" in text
        assert "Students placed (more is better) 3 0" in text
        assert "3 students have no place" not in text
        for told in ("0 students gain, 3 students lose", "First choices: 3 in the one run, 0 in the other"):
            assert told in text, text
        addresses = pictures(ada)
        assert len(addresses) == 6
        for address in addresses:
            await drawn(ada, address)
        wrong = addresses[0].replace("compare-changes", "ranks")
        assert (await ada.http.get(wrong)).status_code == 404
        await ada.open(f"{base}/students?one={one}&other={other}&change=loses")
        assert ("Students (1 to 3 of 3)" in ada.text(), "choice 1" in ada.text()) == (True, True)
        await ada.open(f"{base}?one={one}&other={one}")
        assert "exactly the same result" in ada.text()
        for address in (f"{base}?one={one}&other={new_id()}", f"{base}?one={one}", f"{base}/students?one=x&other=y"):
            assert (await ada.open(address)).status_code == 404
        elsewhere = await rounds.new_round(name="Autumn")
        assert (await ada.open(f"/rounds/{elsewhere}/compare?one={one}&other={other}")).status_code == 404
    await refused_to_others(
        rounds,
        addresses[0],
        f"{base}?one={one}&other={other}",
        f"{base}/students?one={one}&other={other}",
        f"/runs/{one}/approve",
    )


async def test_approval_takes_looking_a_comment_and_two_people(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with signed_in(rounds) as ada, signed_in(rounds, rounds.second) as ben:
        await ada.open(f"/runs/{run_id}/approve")
        await ada.send({"comment": "", "sure": ""})
        assert ada.page.status_code == 422
        for field in ("look-summary", "look-groups", "look-unplaced", "look-explanations", "comment", "sure"):
            assert f'href="#{field}"' in ada.page.text
        assert await rounds.fetch("SELECT FROM approval") == []
        await look(ada, run_id)
        await ada.open(f"/runs/{run_id}/approve")
        await ada.send(GIVEN)
        assert "It takes a second person" in ada.text()
        await ada.open(f"/runs/{run_id}/approve")
        assert "The second approval is someone else’s" in ada.text()
        await ben.open(f"/runs/{run_id}/approve")
        assert "Looked at =cmd and <b>groups</b>" in ben.text() or "&lt;b&gt;groups" in ben.page.text
        assert "Opened: summary (" in ben.text()
        await ben.send(GIVEN)
        assert "Open this page first" in ben.text()
        await look(ben, run_id)
        await ben.open(f"/runs/{run_id}/approve")
        await ben.send(GIVEN)
        assert "Two people have approved this run" in ben.text()
    assert (await rounds.shown(run_id))["state"] == "approved"


async def test_same_person_can_not_be_the_second_however_they_send_it(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with signed_in(rounds) as ada:
        await look(ada, run_id)
        form = await ada.open(f"/runs/{run_id}/approve")
        await ada.send(GIVEN)
        ada.page = form
        await ada.send({**GIVEN, "comment": "once more"})
        assert (ada.page.status_code, "You have approved this run already" in ada.text()) == (422, True)
    assert (await rounds.shown(run_id))["state"] == "solved"


async def test_second_approver_sees_pins_and_what_was_tried_before(rounds: RoundWorld) -> None:
    await rounds.close()
    await rounds.run({"variety": "require"})
    run_id = await rounds.solved(await rounds.run())
    async with signed_in(rounds) as ada:
        await ada.open(f"/runs/{run_id}/approve")
        assert "Runs before 1 run" in ada.text()
        assert "A student never gets a sector they know" in ada.text()


async def test_publishing_says_who_is_told_and_takes_effect_once(rounds: RoundWorld) -> None:
    run_id = await rounds.approved()
    async with signed_in(rounds) as ada:
        form = await ada.open(f"/runs/{run_id}/publish")
        assert "1 employers get a notice" in ada.text()
        await ada.send()
        assert ada.page.url.path == f"/rounds/{rounds.round_id}/placements"
        assert "The round is published" in ada.text()
        ada.page = form
        await ada.send()
        assert ada.page.url.path == f"/rounds/{rounds.round_id}/placements"
    assert len(await rounds.facts("RoundPublished")) == 1
    assert await rounds.state() == "published"


async def test_run_not_approved_can_not_be_published(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with signed_in(rounds) as ada:
        assert (await ada.open(f"/runs/{run_id}/publish")).status_code == 409


async def test_superseding_says_what_changes_and_refuses_when_something_else_was_published_meanwhile(
    rounds: RoundWorld,
) -> None:
    first = await rounds.published()
    second = await rounds.approved(await rounds.run({"default_max_travel_minutes": 1}))
    third = await rounds.approved(await rounds.run({"places_per_student": 2}))
    async with signed_in(rounds) as ada, signed_in(rounds, rounds.second) as ben:
        await ada.open(f"/runs/{second}/publish")
        assert "3 students lose" in ada.text()
        await ben.open(f"/runs/{third}/publish")
        await ben.send()
        await ada.send()
        assert (ada.page.status_code, "Another run was published meanwhile" in ada.text()) == (409, True)
        await ada.send()
        assert "The round is published" in ada.text()
    states = [(await rounds.shown(run_id))["state"] for run_id in (first, second, third)]
    assert states == ["superseded", "published", "superseded"]


async def test_result_that_was_tampered_with_is_rejected_and_what_stood_still_stands(rounds: RoundWorld) -> None:
    run_id = await rounds.approved()
    async with signed_in(rounds) as ada:
        await ada.open(f"/runs/{run_id}/publish")
        await rounds.execute("UPDATE placement SET minutes = minutes + 1 WHERE run_id::text = $1", run_id)
        await ada.send()
        assert (ada.page.status_code, "Nothing was published" in ada.text()) == (409, True)
    assert (await rounds.shown(run_id))["state"] == "failed"
    assert await rounds.state() == "closed"


async def test_who_goes_where_is_listed_filtered_and_downloaded_without_formulas(rounds: RoundWorld) -> None:
    await rounds.published()
    await rounds.execute("UPDATE student SET last_name = '=1+1' WHERE mis_id = '1001'")
    async with signed_in(rounds) as ada:
        base = f"/rounds/{rounds.round_id}/placements"
        await ada.open(base)
        assert "Placements (1 to 3 of 3)" in ada.text()
        await ada.open(f"{base}?school=104715")
        assert "Placements (1 to 2 of 2)" in ada.text()
        await ada.open(f"{base}?employer=nobody+such")
        assert "No placement is so" in ada.text()
        await ada.open(f"{base}?employer=tern+tide")
        assert "Placements (1 to 3 of 3)" in ada.text()
        file = await ada.open(f"{base}.csv?school=104715")
        assert "'=1+1" in file.text
        assert len(file.text.splitlines()) == 3
        assert len((await ada.open(f"{base}.json")).json()) == 3
        assert (await ada.open(f"{base}.exe")).status_code == 404
    await refused_to_others(rounds, base, f"{base}.csv")


async def test_notices_are_held_and_released(rounds: RoundWorld) -> None:
    await rounds.published()
    async with signed_in(rounds) as ada:
        await ada.open(f"/rounds/{rounds.round_id}/placements")
        await ada.send(action="/notices/hold")
        assert "All notices are held" in ada.text()
        await ada.send(action="/notices/release")
        assert ("Notices go out again" in ada.text(), "Hold all notices" in ada.page.text) == (True, True)
        await ada.send({"round": "https://evil.example"}, action="/notices/hold")
        assert (ada.page.url.host, ada.page.url.path) == ("registry", "/")


async def test_looks_of_others_can_not_be_written_or_read_across_hubs(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    async with signed_in(rounds) as ada:
        await look(ada, run_id)
    async with rounds.seen_by("hub", hub_id=str(new_id())) as conn:
        assert await conn.fetchval("SELECT count(*) FROM run_look") == 0
    async with rounds.seen_by("hub", staff_id=str(new_id())) as conn:
        assert await conn.fetchval("SELECT count(*) FROM run_look") == len(LOOKED_AT)
        assert await conn.execute("UPDATE run_look SET times = 99") == "UPDATE 0"
