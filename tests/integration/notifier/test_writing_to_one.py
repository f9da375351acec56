"""A request to write to one person becomes one mail with a link of its own, and what became of it is said once."""

from hub_schemas import topics
from hub_schemas.ids import new_id
from tests.integration.notifier.post_office import CUT, PostOffice
from tests.integration.notifier.support import Scene, adviser, message, published, request, requested, run

ENTRIES = topics.ENTRIES


async def test_each_is_written_to_once_however_often_the_request_is_heard(scene: Scene, office: PostOffice) -> None:
    invited, applied = request(1, "invitation"), request(2, "application")
    beside = run(1, [adviser(1)])
    for one in (invited, applied, beside):
        scene.registry.add(one)
    scene.start(office.port)
    first = message(requested(invited, "invitation"))
    await scene.put(first, first, message(requested(invited, "invitation"), seq=2), topic=ENTRIES)
    await scene.put(message(requested(applied, "application")), topic=ENTRIES)
    await scene.tell(published(beside))
    await scene.until_states(sent=3)
    facts = await scene.heard(at_least=3)

    assert sorted(mail.to for mail in office.kept) == [
        "adviser1@school.example",
        "person1@school.example",
        "person2@school.example",
    ]
    settled = {fact.data.request_id: fact.data for fact in facts if fact.type == "NoticeRequestSettled"}
    assert {one: (data.about, data.outcome, data.reason) for one, data in settled.items()} == {
        invited.run_id: ("invitation", "sent", ""),
        applied.run_id: ("application", "sent", ""),
    }
    assert [fact.type for fact in facts if fact.type != "NoticeRequestSettled"] == ["NoticeSent"]


async def test_the_mail_has_the_link_of_the_last_answer_and_says_until_when(scene: Scene, office: PostOffice) -> None:
    office.recipient_answers = ["451 4.3.0 Later"]
    invited, applied = request(1, "invitation"), request(2, "application")
    for one in (invited, applied):
        scene.registry.add(one)
    scene.start(office.port)
    await scene.put(message(requested(invited, "invitation")), topic=ENTRIES)
    await scene.until_metric('hub_notices_total{kind="person",outcome="put_off"} 1.0')
    await scene.ask("UPDATE notice SET due_at = now()")
    await scene.until_states(sent=1)
    await scene.put(message(requested(applied, "application"), seq=2), topic=ENTRIES)
    await scene.until_states(sent=2)

    to_invited, to_applied = (mail.message for mail in office.kept)
    assert to_invited["Subject"] == "Your invitation to Invented Region"
    assert to_applied["Subject"] == "Confirm your e-mail address for Invented Region"
    assert to_applied["To"] == "person2@school.example"
    for kind in ("plain", "html"):
        for mail, number in ((to_invited, 2), (to_applied, 3)):
            body = mail.get_body((kind,))
            assert body is not None
            text = body.get_content()
            assert f"http://127.0.0.1:8000/invitation/hub_link{number}" in text
            assert "Monday 10 May 2027 at 10:30" in text
            assert "published" not in text
            assert "hub_link1" not in text
    kept = await scene.ask("SELECT row_to_json(n)::text || row_to_json(p)::text AS kept FROM notice n, publication p")
    assert not [row for row in kept if "hub_link" in row["kept"] or "@" in row["kept"]]


async def test_what_is_over_or_is_something_else_by_now_is_not_sent(scene: Scene, office: PostOffice) -> None:
    over, other = request(1, "invitation"), request(2, "invitation")
    over.superseded = True
    for one in (over, other):
        scene.registry.add(one)
    scene.start(office.port)
    elsewhere = requested(other, "invitation").model_copy(update={"state_sha256": "0" * 64})
    await scene.put(message(requested(over, "invitation")), message(elsewhere), topic=ENTRIES)
    await scene.until_states(failed=2)
    facts = await scene.heard(at_least=2)
    assert {(fact.data.outcome, fact.data.reason) for fact in facts} == {
        ("failed", "superseded"),
        ("failed", "result_hash_differs"),
    }
    assert office.handed_over == []


async def test_a_held_hub_writes_to_nobody_until_it_lets_go(scene: Scene, office: PostOffice) -> None:
    invited = request(1, "invitation")
    scene.registry.add(invited)
    scene.registry.held = True
    scene.start(office.port)
    await scene.put(message(requested(invited, "invitation")), topic=ENTRIES)
    await scene.until_asked(2)
    assert office.handed_over == []
    scene.registry.held = False
    await scene.until_states(sent=1)


async def test_a_mail_whose_fate_is_not_known_is_said_to_be_uncertain(scene: Scene, office: PostOffice) -> None:
    office.answers = [CUT]
    invited = request(1, "invitation")
    scene.registry.add(invited)
    scene.start(office.port)
    await scene.put(message(requested(invited, "invitation"), id_=new_id()), topic=ENTRIES)
    await scene.until_states(uncertain=1)
    [fact] = await scene.heard(at_least=1)
    assert (fact.data.request_id, fact.data.outcome) == (invited.run_id, "uncertain")
    assert len(office.kept) == 1
