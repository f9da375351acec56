"""A publication on Kafka becomes one mail to each adviser and employer, and never a second."""

import asyncio

from hub_notifier.sender import VIEW_FRESH_S
from tests.integration.notifier.post_office import PostOffice
from tests.integration.notifier.support import (
    CORRELATION,
    Scene,
    adviser,
    employer,
    message,
    published,
    run,
    superseded,
    until,
)


async def test_each_adviser_and_employer_gets_one_mail(scene: Scene, office: PostOffice) -> None:
    told = run(1, [*(adviser(number) for number in range(3)), *(employer(number) for number in range(20))])
    scene.registry.add(told)
    scene.start(office.port)
    await scene.tell(published(told))

    await scene.until_states(sent=23)
    facts = await scene.heard(at_least=23)

    assert sorted(mail.to for mail in office.kept) == sorted(one.address["email"] for one in told.told)
    assert {(fact.type, fact.correlation_id) for fact in facts} == {("NoticeSent", CORRELATION)}
    assert sorted(fact.data.recipient_id for fact in facts) == sorted(one.recipient_id for one in told.told)


async def test_a_publication_heard_again_sends_nothing_again(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1), employer(1)])
    scene.registry.add(told)
    scene.start(office.port)
    first = message(published(told))
    await scene.put(first)
    await scene.until_states(sent=2)

    later = run(2, [adviser(1)])
    scene.registry.add(later)
    await scene.put(first, message(published(told)), message(published(later)))
    await scene.until_states(sent=3)

    assert sorted(mail.to for mail in office.kept) == [
        "adviser1@school.example",
        "adviser1@school.example",
        "contact1@works.example",
    ]
    assert len(scene.registry.looked) == 3


async def test_a_mail_has_both_parts_counts_a_link_and_an_id_of_its_own(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1, school_name="Ysgol Llŷn"), employer(1)])
    scene.registry.add(told)
    scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_states(sent=2)

    mails = {mail.to: mail.message for mail in office.kept}
    to_adviser = mails["adviser1@school.example"]
    to_employer = mails["contact1@works.example"]

    assert [part.get_content_type() for part in to_adviser.iter_parts()] == ["text/plain", "text/html"]
    assert to_adviser["Subject"] == "Placements published for Ysgol Llŷn: Summer 2027"
    assert to_adviser["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        body = to_employer.get_body((kind,))
        assert body is not None
        assert "Monday 7 June 2027 to Friday 11 June 2027" in body.get_content()
        assert f"/rounds/{told.round_id}" in body.get_content()
    ids = {row["notice_id"] for row in await scene.ask("SELECT notice_id FROM notice")}
    assert {mail["Message-ID"] for mail in mails.values()} == {f"<{id_}@hub.example>" for id_ in ids}
    assert not any(defect for mail in mails.values() for part in mail.walk() for defect in part.defects)


async def test_another_result_than_the_published_one_is_not_told(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1), employer(1)])
    scene.registry.add(told)
    scene.start(office.port)
    await scene.tell(published(told, result_sha256="f" * 64))

    await scene.until_states(failed=2)
    facts = await scene.heard(at_least=2)

    assert {(fact.type, fact.data.reason) for fact in facts} == {("NoticeFailed", "result_hash_differs")}
    assert office.handed_over == []


async def test_who_is_not_there_any_more_is_not_told(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1), employer(1)])
    scene.registry.add(told)
    scene.registry.answering.clear()
    scene.start(office.port)
    await scene.tell(published(told))
    scene.registry.gone.add(told.told[0].recipient_id)
    scene.registry.answering.set()

    await scene.until_states(failed=1, sent=1)

    assert [row["reason"] for row in await scene.ask("SELECT reason FROM notice WHERE state = 'failed'")] == [
        "recipient_gone"
    ]


async def test_held_notices_wait_and_go_when_released(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(30)])
    scene.registry.add(told)
    scene.registry.held = True
    scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_asked(8)
    await scene.until_metric("hub_notices_held 30.0")
    assert office.handed_over == []

    scene.registry.held = False
    await scene.until_states(sent=30)

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 30
    assert await scene.ask("SELECT FROM hold") == []
    await scene.until_metric("hub_notices_held 0.0")


async def test_a_hold_stops_notices_that_were_asked_about_before_it(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(3)])
    scene.registry.add(told)
    office.answering.clear()
    scene.start(office.port, HUB_SENDERS="1", HUB_LEASE_S="60", HUB_HAND_OVER_LEASE_S="60")
    await scene.tell(published(told))

    async def handed_over() -> bool:
        return len(office.handed_over) == 1

    await until(handed_over)
    scene.registry.held = True
    await asyncio.sleep(VIEW_FRESH_S)
    office.answering.set()

    await scene.until_metric("hub_notices_held 2.0")
    assert len(office.handed_over) == 1


async def test_an_unreadable_answer_about_one_recipient_does_not_keep_others_waiting(
    scene: Scene, office: PostOffice
) -> None:
    told = run(1, [employer(1, link="ftp://odd.example/"), *(employer(number) for number in range(2, 6))])
    scene.registry.add(told)
    scene.start(office.port)
    await scene.tell(published(told))

    await scene.until_states(sent=4, waiting=1)

    reasons = await scene.ask("SELECT DISTINCT reason FROM delivery WHERE outcome = 'put_off'")
    assert [row["reason"] for row in reasons] == ["registry_answer_unreadable"]


async def test_unsent_notices_of_a_superseded_run_are_dropped(scene: Scene, office: PostOffice) -> None:
    first, second = run(1, [adviser(1), employer(1)]), run(2, [adviser(1)])
    scene.registry.add(first)
    scene.registry.add(second)
    scene.registry.held = True
    scene.start(office.port)
    await scene.tell(published(first))
    await scene.until_asked(3)

    await scene.tell(superseded(first, by=second), superseded(first, by=second), published(second))
    scene.registry.held = False
    await scene.until_states(failed=2, sent=1)
    facts = await scene.heard(at_least=3)

    assert [mail.to for mail in office.kept] == ["adviser1@school.example"]
    assert {(fact.type, fact.data.run_id) for fact in facts} == {
        ("NoticeFailed", first.run_id),
        ("NoticeSent", second.run_id),
    }


async def test_a_run_known_as_superseded_before_its_publication_is_not_told(scene: Scene, office: PostOffice) -> None:
    first, second = run(1, [adviser(1)]), run(2, [employer(1)])
    scene.registry.add(first)
    scene.registry.add(second)
    scene.start(office.port)

    await scene.tell(superseded(first, by=second), published(first), published(second))
    await scene.until_states(sent=1)

    assert [mail.to for mail in office.kept] == ["contact1@works.example"]
    assert [row["state"] for row in await scene.ask("SELECT state FROM publication ORDER BY run_id")] == [
        "superseded",
        "expanded",
    ]
