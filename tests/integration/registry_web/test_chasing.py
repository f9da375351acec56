"""Reminders by page: chosen, looked at, asked for once a day, told to the notifier, settled by what it says."""

import httpx

from hub_schemas.events.notices import NoticeFailed, NoticeSent
from tests.integration.registry.world import EMPLOYER, SCHOOL_A, SCHOOL_B, csv_of
from tests.integration.registry_rounds.builder import INTERNAL, RoundWorld, preferences
from tests.integration.registry_web.hub_pages import coordinator, person, refused_to_others

IDLE = {**EMPLOYER, "employer_ref": "E-IDLE", "name": "Idle <i>Works</i>", "contact_email": "idle@idle.example"}


async def with_people(rounds: RoundWorld) -> tuple[str, str]:
    """An adviser in each school, an employer without slots, an open round that one school has submitted to."""
    first = await person(rounds.world, "adviser", school_id=SCHOOL_A)
    await person(rounds.world, "adviser", school_id=SCHOOL_B)
    await rounds.world.upload(rounds.hub, "/employers/import", csv_of(IDLE))
    await rounds.open()
    path = f"/rounds/{rounds.round_id}/schools/{SCHOOL_B}/preferences/import"
    await rounds.world.upload(rounds.hub, path, preferences(("2001", 1, "S-WEB")))
    idle = await rounds.fetch("SELECT employer_id::text FROM employer WHERE employer_ref = 'E-IDLE'")
    return str(first), str(idle[0][0])


async def ask(rounds: RoundWorld, run_id: str, **ids: str) -> httpx.Response:
    """What the notifier asks at the moment of sending."""
    transport = httpx.ASGITransport(rounds.world.app)
    headers = {"Authorization": f"Bearer {INTERNAL}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://registry", headers=headers) as client:
        path = f"/internal/v1/rounds/{rounds.round_id}/chases"
        return await client.get(path, params={"run_id": run_id, **ids})


async def test_who_has_not_acted_is_reminded_after_a_look_and_once_a_day(rounds: RoundWorld) -> None:
    adviser, idle = await with_people(rounds)
    async with coordinator(rounds.world) as visitor:
        page = await visitor.open(f"/rounds/{rounds.round_id}/chase")
        assert f"School {SCHOOL_A}: has not submitted" in visitor.text()
        assert f"School {SCHOOL_B}: has not submitted" not in visitor.text()
        assert "<i>Works</i>" not in page.text
        await visitor.open(f"/rounds/{rounds.round_id}/chase/preview?school={SCHOOL_A}&everyone=yes")
        assert "2 people would be reminded" in visitor.text()
        assert "not submitted its preferences yet" in visitor.text()
        assert await rounds.facts("ChasingRequested") == []
        form = visitor.page
        sent = {"school": SCHOOL_A, "everyone": "yes"}
        await visitor.send(sent)
        assert "2 people are being reminded by e-mail." in visitor.text()
        assert "reminded today" in visitor.text()
        visitor.page = form
        await visitor.send(sent)
        visitor.page = form
        assert (await visitor.send({**sent, "again": "1"})).status_code == 422
    told = await rounds.facts("ChasingRequested")
    assert [one["recipients"] for one in told] == [
        [
            {"recipient_kind": "adviser", "recipient_id": adviser},
            {"recipient_kind": "employer", "recipient_id": idle},
        ]
    ]
    assert len(await rounds.fetch("SELECT FROM audit WHERE subject_kind = 'chase'")) == 1


async def test_notifier_is_shown_counts_and_dates_and_no_names_of_students(rounds: RoundWorld) -> None:
    adviser, idle = await with_people(rounds)
    chase_id = await requested(rounds)
    answer = await ask(rounds, chase_id, adviser=adviser, employer=idle)
    assert answer.status_code == 200
    told = (await rounds.facts("ChasingRequested"))[0]
    assert answer.json()["result_sha256"] == told["recipients_sha256"]
    to_adviser, to_employer = (one["view"] for one in answer.json()["notices"])
    assert {key: to_adviser[key] for key in ("students", "without_preferences", "unanswered", "submitted")} == {
        "students": 3,
        "without_preferences": 3,
        "unanswered": 0,
        "submitted": False,
    }
    assert (to_employer["slots"], to_employer["employer_name"]) == (0, "Idle <i>Works</i>")
    assert "Lunt" not in answer.text
    assert (await ask(rounds, rounds.round_id)).status_code == 404


async def test_reminder_ends_with_the_round(rounds: RoundWorld) -> None:
    adviser, _ = await with_people(rounds)
    chase_id = await requested(rounds)
    await rounds.ok(rounds.hub.post(f"/rounds/{rounds.round_id}/cancel", json={"reason": "other"}))
    assert (await ask(rounds, chase_id, adviser=adviser)).status_code == 409


async def test_what_became_of_reminders_is_kept_in_their_own_record_also_when_told_twice(rounds: RoundWorld) -> None:
    adviser, idle = await with_people(rounds)
    chase_id = await requested(rounds)
    about = {"round_id": rounds.round_id, "run_id": chase_id, "about": "chasing"}
    sent = NoticeSent.model_validate(
        {**about, "notice_id": chase_id, "recipient_kind": "adviser", "recipient_id": adviser,
         "sent_at": "2027-03-10T09:00:00Z"}
    )  # fmt: skip
    failed = NoticeFailed.model_validate(
        {**about, "notice_id": rounds.round_id, "recipient_kind": "employer", "recipient_id": idle, "reason": "refused"}
    )
    records = rounds.records(sent, failed)
    await rounds.deliver_records(records)
    await rounds.deliver_records(records)
    rows = await rounds.fetch("SELECT recipient_kind, state, reason FROM chased ORDER BY recipient_kind")
    assert [tuple(row) for row in rows] == [("adviser", "sent", ""), ("employer", "failed", "refused")]
    assert await rounds.world.count("notice") == 0
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/rounds/{rounds.round_id}/chase")
        assert "Reminders so far" in visitor.text()


async def test_reminders_are_the_coordinators_of_their_hub(rounds: RoundWorld) -> None:
    here = f"/rounds/{rounds.round_id}/chase"
    await refused_to_others(rounds, here, f"{here}/preview")


async def requested(rounds: RoundWorld) -> str:
    """Send the reminders; gives the request's id."""
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/rounds/{rounds.round_id}/chase/preview?school={SCHOOL_A}&everyone=yes")
        await visitor.send({"school": SCHOOL_A, "everyone": "yes"})
    return str((await rounds.facts("ChasingRequested"))[0]["chase_id"])
