"""kill -9 at each state: what was not handed over is sent once after the restart; what was is called uncertain."""

import asyncio
import random
from collections import Counter

from tests.integration.notifier.post_office import PostOffice
from tests.integration.notifier.support import Scene, employer, published, run, until


async def test_killed_before_the_recipients_are_known(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(3)])
    scene.registry.add(told)
    scene.registry.answering.clear()
    child = scene.start(office.port, HUB_REGISTRY_TIMEOUT_S="2")
    await scene.tell(published(told))
    await scene.until_asked(1)
    child.kill()
    scene.registry.answering.set()
    assert await scene.ask("SELECT FROM notice") == []

    scene.start(office.port)
    await scene.until_states(sent=3)

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 3


async def test_killed_while_notices_wait(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(3)])
    scene.registry.add(told)
    await office.stop()
    child = scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_metric('hub_notices_away_total{what="ChannelAway"}')
    child.kill()
    await office.start()

    scene.start(office.port)
    await scene.until_states(sent=3)

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 3


async def test_killed_while_a_notice_is_being_made(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(3)])
    scene.registry.add(told)
    scene.registry.looking.clear()
    child = scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_states(sending=3)
    await scene.until_asked(2)
    child.kill()
    scene.registry.looking.set()

    scene.start(office.port)
    await scene.until_states(sent=3)

    assert len({mail.to for mail in office.kept}) == len(office.kept) == 3


async def test_killed_while_a_message_is_handed_over(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(3)])
    scene.registry.add(told)
    office.answering.clear()
    child = scene.start(office.port, HUB_SENDERS="1")
    await scene.tell(published(told))

    async def handed_over() -> bool:
        return len(office.handed_over) == 1

    await until(handed_over)
    child.kill()
    assert await scene.states() == Counter(handing_over=1, sending=2)
    office.answering.set()

    scene.start(office.port)
    await scene.until_states(sent=2, uncertain=1)
    facts = await scene.heard(at_least=3)

    assert sorted(fact.type for fact in facts) == ["NoticeSent", "NoticeSent", "NoticeUncertain"]
    assert Counter(office.handed_over) == Counter(one.address["email"] for one in told.told)


async def test_killed_amid_batches_leaves_only_the_handed_over_uncertain(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(80)])
    scene.registry.add(told)
    office.answering.clear()
    child = scene.start(office.port, HUB_SENDERS="2")
    await scene.tell(published(told))

    async def both_are_sending() -> bool:
        return len(office.handed_over) == 2 and await scene.states() == Counter(handing_over=2, sending=78)

    await until(both_are_sending)
    child.kill()
    office.answering.set()

    scene.start(office.port)
    await scene.until_states(sent=78, uncertain=2)
    facts = await scene.heard(at_least=80)

    assert Counter(fact.type for fact in facts) == Counter(NoticeSent=78, NoticeUncertain=2)
    assert Counter(office.handed_over) == Counter(one.address["email"] for one in told.told)


async def test_killed_after_all_are_sent(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(3)])
    scene.registry.add(told)
    child = scene.start(office.port)
    await scene.tell(published(told))
    await scene.until_states(sent=3)
    child.kill()

    scene.start(office.port)
    await scene.tell(published(told))
    facts = await scene.heard(at_least=3)
    later = run(2, [employer(9)])
    scene.registry.add(later)
    await scene.tell(published(later))
    await scene.until_states(sent=4)

    assert {fact.type for fact in facts} == {"NoticeSent"}
    assert len({mail.to for mail in office.kept}) == len(office.kept) == 4


async def test_killed_at_random_again_and_again(scene: Scene, office: PostOffice) -> None:
    told = run(1, [employer(number) for number in range(400)])
    scene.registry.add(told)
    await scene.tell(published(told))
    drawn = random.Random(3)  # noqa: S311 - the same moments each time
    for _ in range(6):
        child = scene.start(office.port)
        await scene.ready()
        await asyncio.sleep(drawn.uniform(0.0, 0.4))
        child.kill()
    scene.start(office.port)

    async def all_settled() -> bool:
        found = await scene.states()
        return found.total() == 400 and found["sent"] + found["uncertain"] == 400

    await until(all_settled)
    found = await scene.states()
    facts = await scene.heard(at_least=400)

    arrived = Counter(mail.to for mail in office.kept)
    assert set(arrived.values()) == {1}
    addresses = {one.recipient_id: one.address["email"] for one in told.told}
    sent = await scene.ask("SELECT recipient_id FROM notice WHERE state = 'sent'")
    assert {addresses[row["recipient_id"]] for row in sent} <= set(arrived)
    assert Counter(fact.type for fact in facts) == Counter(NoticeSent=found["sent"], NoticeUncertain=found["uncertain"])
