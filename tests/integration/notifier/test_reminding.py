"""A hub's request to remind people becomes one mail to each, and never a second."""

from typing import Any

from tests.integration.notifier.post_office import PostOffice
from tests.integration.notifier.support import Scene, adviser, chasing, employer, message, run
from tests.support.registry_api import PublishedRun

BEFORE = {"closes_at": "2027-06-11T16:00:00Z"}
SCHOOL: dict[str, Any] = {**BEFORE, "submitted": False, "without_preferences": 7, "unanswered": 3, "troubled": 2}
WORKS: dict[str, Any] = {**BEFORE, "slots": 0, "insured_until": None}


def reminded() -> PublishedRun:
    """A request to remind an adviser and an employer."""
    return run(1, [adviser(1, **SCHOOL), employer(1, **WORKS)])


async def test_each_is_reminded_once_however_often_the_request_is_heard(scene: Scene, office: PostOffice) -> None:
    told = reminded()
    scene.registry.add(told)
    scene.start(office.port)
    first = message(chasing(told))
    await scene.put(first, first, message(chasing(told), seq=2))

    await scene.until_states(sent=2)
    later = run(2, [employer(2, **WORKS)])
    scene.registry.add(later)
    await scene.put(first, message(chasing(later), seq=3))
    await scene.until_states(sent=3)
    facts = await scene.heard(at_least=3)

    assert sorted(mail.to for mail in office.kept) == [
        "adviser1@school.example",
        "contact1@works.example",
        "contact2@works.example",
    ]
    assert {(fact.type, fact.data.about) for fact in facts} == {("NoticeSent", "chasing")}
    assert {fact.data.run_id for fact in facts} == {told.run_id, later.run_id}


async def test_reminder_says_the_deadline_and_what_is_missing(scene: Scene, office: PostOffice) -> None:
    told = reminded()
    scene.registry.add(told)
    scene.start(office.port)
    await scene.tell(chasing(told))
    await scene.until_states(sent=2)

    mails = {mail.to: mail.message for mail in office.kept}
    to_adviser, to_employer = mails["adviser1@school.example"], mails["contact1@works.example"]
    assert to_adviser["Subject"] == "Reminder for School 1: Summer 2027 closes on Friday 11 June 2027"
    for kind in ("plain", "html"):
        body = to_adviser.get_body((kind,))
        assert body is not None
        assert "closes on Friday 11 June 2027 at 5:00pm" in body.get_content()
        assert "published" not in body.get_content()
        body = to_employer.get_body((kind,))
        assert body is not None
        assert "no slot" in body.get_content()


async def test_reminder_of_a_round_that_is_over_is_not_sent(scene: Scene, office: PostOffice) -> None:
    told = reminded()
    told.superseded = True
    scene.registry.add(told)
    scene.start(office.port)
    await scene.tell(chasing(told))
    await scene.until_states(failed=2)
    assert office.handed_over == []
