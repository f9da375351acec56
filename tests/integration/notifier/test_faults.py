"""Whatever goes away or misbehaves: every notice is sent once, or said to be uncertain."""

from tests.integration.notifier.post_office import CUT, PostOffice
from tests.integration.notifier.support import Scene, adviser, employer, published, run

NOBODYS = "demo-nobody"


async def test_a_mail_turned_away_for_now_is_sent_later(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(4)])
    scene.registry.add(told)
    office.answers = ["451 4.3.0 Try again later", "452 4.2.2 <contact@works.example> is full"]
    office.recipient_answers = ["450 4.2.0 greylisted"]
    scene.start(office.port)
    await scene.tell(published(told))

    await scene.until_states(sent=4)
    put_off = await scene.ask("SELECT reason FROM delivery WHERE outcome = 'put_off' ORDER BY reason")

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 4
    assert [row["reason"] for row in put_off] == ["smtp_450_4.2.0", "smtp_451_4.3.0", "smtp_452_4.2.2"]


async def test_a_mail_refused_for_good_is_not_tried_again_and_its_neighbours_pass(
    scene: Scene, office: PostOffice
) -> None:
    told = run(1, [employer(number) for number in range(4)])
    scene.registry.add(told)
    office.answers = ["554 5.7.1 No"]
    office.recipient_answers = ["550 5.1.1 <who@works.example> unknown"]
    scene.start(office.port)
    await scene.tell(published(told))

    await scene.until_states(sent=2, failed=2)
    facts = await scene.heard(at_least=4)

    reasons = sorted(fact.data.reason for fact in facts if fact.type == "NoticeFailed")
    assert reasons == ["smtp_550_5.1.1", "smtp_554_5.7.1"]


async def test_a_connection_cut_after_the_message_leaves_the_notice_uncertain(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(5)])
    scene.registry.add(told)
    office.answers = [CUT]
    scene.start(office.port)
    await scene.tell(published(told))

    await scene.until_states(sent=4, uncertain=1)
    facts = await scene.heard(at_least=5)

    uncertain = [fact.data for fact in facts if fact.type == "NoticeUncertain"]
    assert [fact.reason for fact in uncertain] == ["connection_lost"]
    assert len({mail.to for mail in office.kept}) == len(office.kept) == 5


async def test_an_uncertain_notice_goes_again_only_when_a_person_says_so(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(1), employer(2)])
    scene.registry.add(told)
    office.answers = [CUT]
    scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_states(sent=1, uncertain=1)

    listed = (await scene.request("GET", f"/internal/v1/notices?run_id={told.run_id}")).json()["items"]
    by_state = {line["state"]: f"/internal/v1/notices/{line['notice_id']}/retry" for line in listed}
    assert (await scene.request("POST", by_state["uncertain"], token=NOBODYS)).status_code == 401
    assert (await scene.request("POST", by_state["sent"])).status_code == 409
    assert (await scene.request("POST", f"/internal/v1/notices/{told.run_id}/retry")).status_code == 404
    assert len(office.kept) == 2
    assert (await scene.request("POST", by_state["uncertain"])).status_code == 202
    await scene.until_states(sent=2)

    assert len(office.kept) == 3
    assert [row["outcome"] for row in await scene.ask("SELECT outcome FROM delivery ORDER BY delivery_id")].count(
        "retried_by_hand"
    ) == 1


async def test_an_answer_that_comes_after_all_settles_an_uncertain_notice(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(1)])
    scene.registry.add(told)
    office.answering.clear()
    scene.start(office.port)  # it counts as silent after two seconds here
    await scene.tell(published(told))
    await scene.until_states(uncertain=1)

    office.answering.set()
    await scene.until_states(sent=1)
    facts = await scene.heard(at_least=2)

    assert [fact.type for fact in facts] == ["NoticeUncertain", "NoticeSent"]
    assert len(office.kept) == 1


async def test_mails_wait_for_a_mail_server_that_is_away(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1), *(employer(number) for number in range(10))])
    scene.registry.add(told)
    await office.stop()
    scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_metric('hub_notices_away_total{what="ChannelAway"}')
    await scene.until_metric("hub_notices_waiting 11.0")

    await office.start()
    await scene.until_states(sent=11)

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 11
    assert await scene.ask("SELECT FROM delivery WHERE outcome <> 'sent'") == []


async def test_mails_wait_for_a_registry_that_is_away(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1), *(employer(number) for number in range(10))])
    await scene.registry.stop()
    scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_metric('hub_notices_away_total{what="RegistryAway"}')

    scene.registry.add(told)
    await scene.registry.start()
    await scene.until_states(sent=11)

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 11


async def test_a_registry_that_does_not_know_the_run_any_more_costs_no_notice(scene: Scene, office: PostOffice) -> None:
    told = run(1, [adviser(1), employer(1)])
    scene.registry.add(told)
    scene.registry.held = True
    scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_asked(1)
    del scene.registry.runs[told.run_id]
    await scene.until_metric('hub_notices_away_total{what="RegistryAway"}')

    scene.registry.held = False
    scene.registry.add(told)
    await scene.until_states(sent=2)

    assert len(office.kept) == 2


async def test_a_token_the_registry_refuses_costs_no_notice(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(1)])
    scene.registry.add(told)
    child = scene.start(office.port, HUB_INTERNAL_TOKEN=NOBODYS)
    await scene.tell(published(told))
    await scene.until_asked(1)
    assert office.handed_over == []
    child.stop()

    scene.start(office.port)
    await scene.until_states(sent=1)

    assert len(office.kept) == 1
