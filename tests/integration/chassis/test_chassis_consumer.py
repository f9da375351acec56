"""The consumer on a real broker and database: exactly one effect, poison set aside, order kept, nothing lost."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from hub_chassis.consumer import Consumer
from hub_chassis.errors import DeadLetterNotFound, Permanent, Transient
from hub_chassis.handlers import Handlers, Taken
from hub_chassis.replay import discard, replay, waiting
from hub_chassis.transaction import Transaction
from hub_schemas import topics
from hub_schemas.events.entries import EmployerVerified, SlotPublished
from hub_schemas.events.round_inputs import MAX_BYTES, InputChunk
from hub_schemas.ids import InputId, RoundId, new_id
from tests.integration.chassis.support import Ledger, hub, message, noting, published, slot, until, verified


async def noted(ledger: Ledger, count: int) -> bool:
    return len(await ledger.capacities()) >= count


async def open_letters(ledger: Ledger) -> list[dict[str, Any]]:
    return await ledger.ask("SELECT id, key, reason, error FROM dead_letter WHERE settled_at IS NULL ORDER BY id")


async def test_a_record_delivered_many_times_has_one_effect(ledger: Ledger) -> None:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, EmployerVerified)
    async def note(event: EmployerVerified, tx: Transaction) -> None:
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)",
            tx.hub_id,
            event.employer_id,
            event.employer_id.int,
        )

    once, other = message(verified(1)), message(verified(2))
    async with ledger.consuming(handlers):
        await ledger.send(once, once, other, once)
        await until(lambda: noted(ledger, 2))
        await ledger.send(once, other, *(message(verified(n)) for n in range(3, 13)))
        await until(lambda: noted(ledger, 12))
    assert sorted(await ledger.capacities()) == list(range(1, 13))


async def test_a_state_that_was_passed_is_skipped_though_other_facts_are_not(ledger: Ledger) -> None:
    handlers = noting()

    @handlers.consume(topics.ENTRIES, EmployerVerified)
    async def also(event: EmployerVerified, tx: Transaction) -> None:
        await tx.conn.execute("INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, -1)", tx.hub_id, tx.hub_id)

    async with ledger.consuming(handlers):
        await ledger.send(
            message(published(slot(1), 10), seq=10),
            message(published(slot(1), 9), seq=9),
            message(published(slot(1), 11), seq=11),
            message(verified(1), seq=20),
            message(verified(1), seq=19),
            message(published(slot(1), 12), seq=12),
        )
        await until(lambda: noted(ledger, 5))
    assert sorted(await ledger.capacities()) == [-1, -1, 10, 11, 12]


async def test_poison_of_every_kind_is_set_aside_and_its_neighbours_pass(ledger: Ledger) -> None:
    good = [message(published(slot(number), number), seq=number) for number in range(1, 6)]
    wrong = json.loads(message(published(slot(99), 1))[1])
    wrong["data"]["capacity"] = "many"
    unknown = json.loads(message(published(slot(98), 1))[1]) | {"type": "SlotExploded"}
    async with ledger.consuming(noting()):
        await ledger.send(
            good[0],
            ("not-json", b"\x00\xff not json"),
            good[1],
            ("empty", b""),
            ("wrong", json.dumps(wrong).encode()),
            good[2],
            (None, b"[1, 2]"),
            ("unknown", json.dumps(unknown).encode()),
            good[3],
        )
        await ledger.send(good[4], headers=[("null", None), ("latin", b"\xe9\xff"), ("reply_to", b"elsewhere")])
        await until(lambda: noted(ledger, 5))
        await until(lambda: letters(ledger, 4))
    assert sorted(await ledger.capacities()) == [1, 2, 3, 4, 5]
    assert {(row["key"], row["reason"]) for row in await open_letters(ledger)} == {
        ("not-json", "unreadable"),
        ("empty", "unreadable"),
        ("wrong", "unreadable"),
        (None, "unreadable"),
    }


async def letters(ledger: Ledger, count: int) -> bool:
    return len(await open_letters(ledger)) == count


async def test_a_bad_header_loses_nothing_and_keeps_nothing_back(ledger: Ledger) -> None:
    async with ledger.consuming(noting()):
        for number, content in enumerate((None, b"\xff\xfe", b"fine"), start=1):
            await ledger.send(message(published(slot(number), number)), headers=[("traceparent", content)])
        await until(lambda: noted(ledger, 3))
    assert sorted(await ledger.capacities()) == [1, 2, 3]
    assert await open_letters(ledger) == []


async def test_what_a_handler_refuses_parks_its_key_in_order_and_is_mirrored_once(ledger: Ledger) -> None:
    async with ledger.consuming(noting()), ledger.relaying():
        await ledger.send(
            message(published(slot(1), 1), seq=1),
            message(published(slot(1), 666), seq=2),
            message(published(slot(2), 5), seq=3),
            message(published(slot(1), 3), seq=4),
        )
        await until(lambda: noted(ledger, 2))
        await ledger.send(message(published(slot(1), 4), seq=5), message(published(slot(2), 6), seq=6))
        await until(lambda: letters(ledger, 3))
        await until(lambda: noted(ledger, 3))
        mirrored = await ledger.read(topics.DEAD_LETTERS, at_least=1, quiet_s=0.5)
    key = f"{hub()}:{slot(1)}"
    assert sorted(await ledger.capacities()) == [1, 5, 6]
    assert [(row["key"], row["reason"]) for row in await open_letters(ledger)] == [
        (key, "permanent"),
        (key, "parked"),
        (key, "parked"),
    ]
    assert [record.key.decode() for record in mirrored] == [key]
    assert json.loads(mirrored[0].value)["data"] | {"partition": 0, "offset": 0} == {
        "service": "ledger",
        "original_topic": topics.ENTRIES,
        "partition": 0,
        "offset": 0,
        "original_key": key,
        "reason": "rejected",
        "detail": "CheckViolationError",
    }


async def test_a_refusal_undoes_the_refused_record_only(ledger: Ledger) -> None:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def write_then_refuse(event: SlotPublished, tx: Transaction) -> None:
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )
        await tx.outbox.add(verified(event.capacity))
        if event.capacity % 10 == 3:
            raise Permanent("threes are refused")

    await ledger.send(*(message(published(slot(number), number), seq=number) for number in range(40)))
    async with ledger.consuming(handlers):
        await until(lambda: noted(ledger, 36))
        await until(lambda: letters(ledger, 4))
    assert sorted(await ledger.capacities()) == [number for number in range(40) if number % 10 != 3]
    assert await ledger.one("SELECT count(*) FROM outbox WHERE topic = $1", topics.ENTRIES) == 36
    assert await ledger.one("SELECT count(*) FROM outbox WHERE topic = $1", topics.DEAD_LETTERS) == 4


async def test_what_breaks_a_rule_at_the_commit_only_is_found_and_set_aside(ledger: Ledger) -> None:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def twin(event: SlotPublished, tx: Transaction) -> None:
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity, twin) VALUES ($1, $2, $3, $3)",
            tx.hub_id,
            event.slot_id,
            event.capacity,
        )

    await ledger.send(*(message(published(slot(number), min(number, 7)), seq=number) for number in range(1, 9)))
    async with ledger.consuming(handlers):
        await until(lambda: letters(ledger, 1))
        await until(lambda: noted(ledger, 7))
    assert sorted(await ledger.capacities()) == list(range(1, 8))


async def test_replay_handles_the_dead_letter_and_all_parked_behind_it_in_order(ledger: Ledger) -> None:
    mended = False
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def note(event: SlotPublished, tx: Transaction) -> None:
        if event.capacity == 2 and not mended:
            raise Permanent("not yet")
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )

    async with ledger.consuming(handlers), ledger.open() as db:
        await ledger.send(*(message(published(slot(1), number), seq=number) for number in range(1, 6)))
        await until(lambda: letters(ledger, 4))
        first = (await waiting(db))[0]
        still = await replay(db, handlers, first.id)
        assert (still.handled, still.stopped_at) == (0, first.id)
        assert await ledger.capacities() == [1]

        mended = True
        done = await replay(db, handlers, first.id)
        assert (done.handled, done.stopped_at) == (4, None)
        await ledger.send(message(published(slot(1), 6), seq=6))
        await until(lambda: noted(ledger, 6))
        with pytest.raises(DeadLetterNotFound):
            await replay(db, handlers, first.id)
    assert await ledger.capacities() == [1, 2, 3, 4, 5, 6]
    assert await ledger.ask("SELECT * FROM parked_key") == []


async def test_discarding_a_dead_letter_lets_what_was_parked_behind_it_go_on(ledger: Ledger) -> None:
    handlers = noting()
    async with ledger.consuming(handlers), ledger.open() as db:
        await ledger.send(*(message(published(slot(1), n), seq=s) for s, n in enumerate((1, 666, 3, 666, 5), start=1)))
        await until(lambda: letters(ledger, 4))
        first = (await waiting(db))[0]
        result = await discard(db, handlers, first.id)
        assert (result.handled, await ledger.capacities()) == (1, [1, 3])
        assert result.stopped_at is not None
        last = await discard(db, handlers, result.stopped_at)
        assert (last.handled, last.stopped_at) == (1, None)
    assert await ledger.capacities() == [1, 3, 5]


async def test_what_is_transient_is_tried_again_in_order_and_nothing_is_lost(ledger: Ledger) -> None:
    tries = 0
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def moody(event: SlotPublished, tx: Transaction) -> None:
        nonlocal tries
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )
        if event.capacity == 5:
            tries += 1
            if tries == 1:
                raise Transient("not now")
            if tries == 2:
                raise asyncpg.SerializationError("somebody was quicker")
            if tries == 3:
                await tx.conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    await ledger.send(*(message(published(slot(1), number), seq=number) for number in range(1, 10)))
    async with ledger.consuming(handlers):
        await until(lambda: noted(ledger, 9))
    assert await ledger.capacities() == list(range(1, 10))
    assert (tries, await open_letters(ledger)) == (4, [])


async def test_too_many_dead_letters_stop_the_consumer_until_somebody_decides(ledger: Ledger) -> None:
    handlers = noting()
    async with ledger.consuming(handlers, dead_letter_limit=2) as consumer, ledger.open() as db:
        await ledger.send(*((f"bad-{number}", b"?") for number in range(3)))
        await until(lambda: says(consumer, "consuming stopped"))
        await ledger.send(message(published(slot(1), 1)))
        await asyncio.sleep(3)
        assert await ledger.capacities() == []
        for letter in await waiting(db):
            await discard(db, handlers, letter.id)
        await until(lambda: noted(ledger, 1))
        await until(lambda: free(consumer))


async def says(consumer: Consumer, text: str) -> bool:
    return text in (consumer.reason or "")


async def free(consumer: Consumer) -> bool:
    return consumer.reason is None


async def test_consumers_that_come_and_go_leave_each_record_with_one_effect(ledger: Ledger) -> None:
    total = 3000
    short = {"session_timeout_ms": 6000, "consumer_batch": 50}
    async with ledger.consuming(noting(), **short):
        for part in range(6):
            numbers = range(1000 + part * 500, 1500 + part * 500)
            await ledger.send(*(message(published(slot(number), number), seq=number) for number in numbers))
            async with ledger.consuming(noting(), **short):
                await until(lambda: noted(ledger, part * 500 + 100))  # noqa: B023 -- awaited in this turn
        await until(lambda: noted(ledger, total))
    assert sorted(await ledger.capacities()) == list(range(1000, 1000 + total))


async def test_stopping_commits_what_was_handled_so_that_nothing_comes_again(ledger: Ledger) -> None:
    calls: list[int] = []
    await ledger.send(*(message(published(slot(number), number), seq=number) for number in range(200)))
    async with ledger.consuming(noting(calls)):
        await until(lambda: noted(ledger, 200))
    await ledger.send(message(published(slot(1000), 1000), seq=1000))
    async with ledger.consuming(noting(calls)):
        await until(lambda: noted(ledger, 201))
    assert sorted(calls) == [*range(200), 1000]


async def test_one_transaction_serves_many_hubs_and_each_handler_sees_its_own(ledger: Ledger) -> None:
    seen: list[tuple[str, str]] = []
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def look(event: SlotPublished, tx: Transaction) -> None:
        setting = await tx.conn.fetchval("SELECT current_setting('hub.hub_id', true)")
        seen.append((str(tx.hub_id), setting))
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )

    messages = [message(published(slot(n), n), seq=n, hub_id=hub(n % 3 + 1)) for n in range(30)]
    await ledger.send(*messages)
    async with ledger.consuming(handlers):
        await until(lambda: noted(ledger, 30))
    assert {hub_id for hub_id, _ in seen} == {str(hub(1)), str(hub(2)), str(hub(3))}
    assert all(hub_id == setting for hub_id, setting in seen)


async def test_events_taken_together_are_set_aside_alone_when_one_is_refused(ledger: Ledger) -> None:
    sizes: list[int] = []
    handlers = Handlers("ledger")

    @handlers.consume_many(topics.ENTRIES, SlotPublished)
    async def note(taken: Sequence[Taken[SlotPublished]]) -> None:
        sizes.append(len(taken))
        assert len({each.tx.hub_id for each in taken}) == 1
        await taken[0].tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) SELECT $1, * FROM unnest($2::uuid[], $3::int[])",
            taken[0].tx.hub_id,
            [each.event.slot_id for each in taken],
            [each.event.capacity for each in taken],
        )
        for each in taken:
            await each.tx.outbox.add(verified(each.event.capacity))

    numbers = range(640, 700)
    await ledger.send(*(message(published(slot(n), n), seq=n, hub_id=hub(n // 30)) for n in numbers))
    async with ledger.consuming(handlers):
        await until(lambda: noted(ledger, 59))
        await until(lambda: letters(ledger, 1))
    assert sorted(await ledger.capacities()) == [number for number in numbers if number != 666]
    assert await ledger.one("SELECT count(*) FROM outbox WHERE topic = $1", topics.ENTRIES) == 59
    assert max(sizes) > 1
    causes = await ledger.ask(
        "SELECT convert_from(payload, 'utf8')::jsonb AS fact FROM outbox WHERE topic = $1", topics.ENTRIES
    )
    assert len({row["fact"]["causation_id"] for row in causes}) == 59


async def test_stopping_while_a_batch_can_not_be_handled_leaves_it_for_the_next_consumer(ledger: Ledger) -> None:
    tries = 0
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def not_now(event: SlotPublished, tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        raise Transient("not now")

    async def tried() -> bool:
        return tries >= 2

    await ledger.send(message(published(slot(1), 1)))
    async with ledger.consuming(handlers):
        await until(tried)
    async with ledger.consuming(noting()):
        await until(lambda: noted(ledger, 1), patience_s=30.0)
    assert await ledger.capacities() == [1]


async def test_large_chunks_are_taken_several_at_a_time(ledger: Ledger) -> None:
    sizes: list[int] = []
    handlers = Handlers("ledger")

    @handlers.consume_many(topics.ROUND_INPUTS, InputChunk)
    async def keep(taken: Sequence[Taken[InputChunk]]) -> None:
        sizes.append(len(taken))

    round_id, input_id = RoundId(new_id()), InputId(new_id())
    rows = (("x" * (MAX_BYTES - 1000),),)
    chunks = [
        InputChunk(round_id=round_id, input_id=input_id, table="students", index=index, count=16, rows=rows)
        for index in range(16)
    ]
    await ledger.send(*(message(chunk, seq=chunk.index + 1) for chunk in chunks), topic=topics.ROUND_INPUTS)
    async with ledger.consuming(handlers):
        await until(lambda: _all_taken(sizes, len(chunks)))
    assert max(sizes) > 4


async def _all_taken(sizes: list[int], count: int) -> bool:
    return sum(sizes) >= count
