"""Invitations by mail: asked for in the same transaction, their link made when the notifier asks, used once."""

import json
from typing import Any
from uuid import UUID

import pytest

from hub_chassis.batch import Outcome
from hub_notifier.view import Address, InvitationView, NoticesShown
from hub_schemas.events.notices import NoticeRequestSettled
from hub_schemas.ids import NoticeId, NoticeRequestId, new_id
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.asking import asked_for, link_of, notifier_asks, settled
from tests.integration.registry_web.hub_pages import coordinator, person
from tests.support.visitor import Visitor

PASSWORD = "a long enough pass phrase"  # noqa: S105


async def _someone(rounds: RoundWorld) -> UUID:
    return await person(rounds.world, "employer", employer_id=UUID(rounds.employer_id))


async def _mailed(rounds: RoundWorld, hub: Visitor, staff_id: UUID) -> UUID:
    """Send an invitation; gives the request's id."""
    await hub.open(f"/staff/{staff_id}")
    await hub.send({"way": "mail"}, action="/invitation")
    assert "on its way by e-mail" in hub.text(), hub.text()
    return UUID((await asked_for(rounds))[-1]["request_id"])


async def test_the_event_has_ids_only_and_the_link_is_made_when_it_is_asked_for(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        request_id = await _mailed(rounds, hub, staff_id)
    [event] = await asked_for(rounds)
    assert set(event) == {"request_id", "about", "state_sha256", "requested_at"}
    assert "@" not in json.dumps(event)
    shown = (await notifier_asks(rounds, request_id)).json()
    [notice] = shown["notices"]
    assert shown["result_sha256"] == event["state_sha256"]
    assert (notice["kind"], notice["recipient_id"]) == ("person", str(request_id))
    assert notice["view"]["link"].startswith("http://127.0.0.1:8000/invitation/hub_")
    assert NoticesShown.model_validate(shown).notices[0].recipient_id == str(request_id)
    assert Address.model_validate(notice["address"]).name == "Somebody, employer"
    assert InvitationView.model_validate(notice["view"]).place == "Tern Tide Games Studio (invented)"
    secret = notice["view"]["link"].rpartition("/")[2]
    kept = await rounds.fetch("SELECT row_to_json(i)::text AS kept FROM invitation i")
    audited = await rounds.fetch("SELECT concat(before, after) AS kept FROM audit")
    staged = await rounds.fetch("SELECT convert_from(payload, 'UTF8') AS kept FROM outbox")
    assert not any(secret in one["kept"] for one in (*kept, *audited, *staged))


async def test_the_link_of_the_mail_signs_in_once_and_an_earlier_answer_leads_nowhere(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        request_id = await _mailed(rounds, hub, staff_id)
    first, address = await link_of(rounds, request_id), await link_of(rounds, request_id)
    async with Visitor(rounds.world.app) as visitor:
        assert (await visitor.open(first)).status_code == 404
        assert (await visitor.open(address)).status_code == 200
        await visitor.send({"password": PASSWORD}, action="")
        assert visitor.page.url.path == "/", visitor.text()
    async with Visitor(rounds.world.app) as again:
        assert (await again.open(address)).status_code == 404
    assert (await notifier_asks(rounds, request_id)).status_code == 409


async def test_sending_again_and_withdrawing_end_the_earlier_notice(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        first = await _mailed(rounds, hub, staff_id)
        await hub.open(f"/staff/{staff_id}")
        assert "Send it again by e-mail" in hub.text()
        second = await _mailed(rounds, hub, staff_id)
        assert first != second
        assert (await notifier_asks(rounds, first)).status_code == 409
        link = await link_of(rounds, second)
        await hub.open(f"/staff/{staff_id}")
        await hub.send(action="/invitation/revoke")
    assert (await notifier_asks(rounds, second)).status_code == 409
    async with Visitor(rounds.world.app) as visitor:
        assert (await visitor.open(link)).status_code == 404


async def test_a_double_click_sends_one(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        page = await hub.open(f"/staff/{staff_id}")
        for _ in range(2):
            hub.page = page
            await hub.send({"way": "mail"}, action="/invitation")
            assert hub.page.status_code == 200
    assert len(await asked_for(rounds)) == 1


async def test_no_link_is_made_while_the_hub_holds_its_notices(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    await rounds.execute("UPDATE hub SET notices_held = true")
    async with coordinator(rounds.world) as hub:
        request_id = await _mailed(rounds, hub, staff_id)
        await hub.open(f"/staff/{staff_id}")
        assert "holds its notices" in hub.text()
    before = await rounds.fetch("SELECT secret_sha256 FROM invitation")
    shown = (await notifier_asks(rounds, request_id)).json()
    assert shown["held"] is True
    assert "hub_" not in shown["notices"][0]["view"]["link"]
    assert await rounds.fetch("SELECT secret_sha256 FROM invitation") == before


async def test_a_link_that_sets_up_new_codes_is_not_sent(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    await rounds.execute(
        "INSERT INTO account (account_id, hub_id, email, totp_secret, totp_at) "
        "SELECT $1, hub_id, lower(email), 'x', now() FROM staff WHERE staff_id = $2",
        new_id(),
        staff_id,
    )
    async with coordinator(rounds.world) as hub:
        await hub.open(f"/staff/{staff_id}")
        await hub.send({"way": "mail", "resets_codes": "yes"}, action="/invitation")
        assert hub.page.status_code == 422
        assert "make a link and pass it on yourself" in hub.text()
    assert await asked_for(rounds) == []


async def test_somebody_who_is_not_active_any_more_is_not_written_to(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        request_id = await _mailed(rounds, hub, staff_id)
        await hub.open(f"/staff/{staff_id}")
        await hub.send({"active": "no"}, action="/active")
        assert (await notifier_asks(rounds, request_id)).status_code == 409
        assert "Send an invitation" not in (await hub.open(f"/staff/{staff_id}")).text


async def test_only_our_own_services_ask_and_only_for_what_was_asked_for(rounds: RoundWorld) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        request_id = await _mailed(rounds, hub, staff_id)
    assert (await notifier_asks(rounds, request_id, token="another")).status_code == 401  # noqa: S106
    assert (await notifier_asks(rounds, new_id())).status_code == 404


def _settled(request_id: UUID, outcome: str, **more: Any) -> NoticeRequestSettled:
    return NoticeRequestSettled.model_validate(
        {
            "notice_id": NoticeId(new_id()),
            "request_id": NoticeRequestId(request_id),
            "about": "invitation",
            "outcome": outcome,
            "settled_at": "2027-03-10T09:00:02Z",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        (["sent"], "sent by e-mail Wednesday 10 March 2027 at 9:00am"),
        (["failed", "uncertain"], "by e-mail: not sent (recipient gone)"),
        (["uncertain"], "it is not certain that it arrived"),
        (["uncertain", "sent", "failed"], "sent by e-mail"),
    ],
)
async def test_the_page_says_what_became_of_it_however_often_that_is_heard(
    rounds: RoundWorld, outcomes: list[str], words: str
) -> None:
    staff_id = await _someone(rounds)
    async with coordinator(rounds.world) as hub:
        request_id = await _mailed(rounds, hub, staff_id)
        facts = [_settled(request_id, one, reason="" if one == "sent" else "recipient_gone") for one in outcomes]
        for fact in facts:
            assert await settled(rounds, fact) == Outcome(handled=1, duplicate=1)
        await hub.open(f"/staff/{staff_id}")
        assert words in hub.text(), hub.text()


async def test_news_of_a_notice_of_another_hub_is_set_aside(rounds: RoundWorld) -> None:
    other = new_id()
    await rounds.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, 'other', 'Other')", other)
    request_id = new_id()
    await rounds.execute(
        "INSERT INTO notice_request (request_id, hub_id, about, subject_id) VALUES ($1, $2, 'invitation', $1)",
        request_id,
        other,
    )
    assert (await settled(rounds, _settled(request_id, "sent"))).permanent == 1
    assert [row["state"] for row in await rounds.fetch("SELECT state FROM notice_request")] == ["asked"]
