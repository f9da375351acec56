"""The relay on a real database and a real broker: nothing lost, order kept, one at a time."""

import asyncio
import contextlib
import json
from collections import defaultdict
from typing import Any

import asyncpg
import pytest

from hub_chassis.outbox import flush
from hub_chassis.relay import LOCK, Relay
from hub_chassis.transaction import Transaction
from hub_schemas import topics
from hub_schemas.events.round_inputs import InputChunk
from hub_schemas.ids import InputId, RoundId, new_id
from tests.integration.chassis.support import WORKER, Ledger, hub, published, slot, until, verified


def capacities(records: list[Any]) -> list[int]:
    return [json.loads(record.value)["data"]["capacity"] for record in records]


def by_key(records: list[Any]) -> dict[bytes, list[int]]:
    """First appearances of each key's messages, in order."""
    found: dict[bytes, list[int]] = defaultdict(list)
    seen: set[str] = set()
    for record in records:
        message = json.loads(record.value)
        if message["id"] not in seen:
            seen.add(message["id"])
            found[record.key].append(message["data"]["capacity"])
    return found


async def test_rows_that_commit_late_are_sent_though_later_ids_went_first(ledger: Ledger) -> None:
    slow = await asyncpg.connect(ledger.database.owner_url)
    async with ledger.relaying():
        transaction = slow.transaction()
        await transaction.start()
        tx = Transaction(slow, source="ledger", hub_id=hub())
        await tx.outbox.add(published(slot(1), 1))
        await flush(slow, tx.outbox.rows)

        await ledger.stage(published(slot(2), 2))
        assert capacities(await ledger.read(topics.ENTRIES, at_least=1)) == [2]
        await until(lambda: sent(ledger, 1))

        await transaction.commit()
        records = await ledger.read(topics.ENTRIES, at_least=2)
    await slow.close()
    assert sorted(capacities(records)) == [1, 2]
    assert sorted(json.loads(record.value)["seq"] for record in records) == [1, 2]


async def sent(ledger: Ledger, count: int) -> bool:
    return bool(await ledger.one("SELECT count(*) = $1 FROM outbox WHERE sent_at IS NOT NULL", count))


async def test_two_relays_never_work_at_once_and_each_keys_order_holds(ledger: Ledger) -> None:
    last = dict.fromkeys(range(20), 0)
    both = []
    async with ledger.relaying() as one, ledger.relaying() as other:
        for turn in range(60):
            facts = []
            for step in range(turn * 7 % 40 + 1):
                number = (turn * turn + step * 3) % 20
                last[number] += 1
                facts.append(published(slot(number), last[number]))
            await ledger.stage(*facts)
            both.append((one.leading, other.leading))
        total = sum(last.values())
        records = await ledger.read(topics.ENTRIES, at_least=total, quiet_s=1.0)
    assert (True, True) not in both
    assert len(records) == total
    assert all(order == sorted(order) for order in by_key(records).values())
    assert len(by_key(records)) == len([number for number in last.values() if number])


async def test_the_other_relay_takes_over_when_the_first_loses_its_connection(ledger: Ledger) -> None:
    async with ledger.relaying() as one, ledger.relaying() as other:
        await until(lambda: leading(one, other))
        for number in range(30):
            await ledger.stage(*(published(slot(key), number) for key in range(10)))
            if number == 15:
                await ledger.ask(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                    " WHERE locktype = 'advisory' AND granted AND datname = current_database() AND objid = $1",
                    LOCK & 0xFFFFFFFF,
                )
        await until(lambda: sent(ledger, 300))
        records = await ledger.read(topics.ENTRIES, at_least=300, quiet_s=0.5)
    assert by_key(records) == {f"{hub()}:{slot(key)}".encode(): list(range(30)) for key in range(10)}


async def leading(*relays: Relay) -> bool:
    return sum(relay.leading for relay in relays) == 1


async def test_a_relay_killed_mid_way_loses_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_chassis.relay.ROWS", 50)
    await ledger.stage(*(published(slot(number % 10), number) for number in range(1000)))
    relay = Relay(ledger.settings(), role=WORKER)
    running = asyncio.create_task(relay.run(asyncio.Event()))
    await until(lambda: some_sent(ledger))
    running.cancel()
    await asyncio.wait({running})
    assert await ledger.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") > 0

    async with ledger.relaying():
        await until(lambda: sent(ledger, 1000))
    records = await ledger.read(topics.ENTRIES, at_least=1000, quiet_s=0.5)
    assert by_key(records) == {f"{hub()}:{slot(key)}".encode(): list(range(key, 1000, 10)) for key in range(10)}


async def some_sent(ledger: Ledger) -> bool:
    return bool(await ledger.one("SELECT count(*) > 0 FROM outbox WHERE sent_at IS NOT NULL"))


async def test_rows_are_found_without_a_notification(ledger: Ledger) -> None:
    async with ledger.relaying():
        await ledger.stage(verified(1))
        await until(lambda: sent(ledger, 1))
        await asyncio.sleep(0.5)
        await ledger.ask(
            "INSERT INTO outbox (topic, key, payload) VALUES ($1, 'k', $2)", topics.ENTRIES, b'{"data":{"capacity":9}}'
        )
        records = await ledger.read(topics.ENTRIES, at_least=2)
    assert {"seq": 2, "data": {"capacity": 9}} in [json.loads(record.value) for record in records]


async def test_a_transaction_that_rolls_back_publishes_nothing(ledger: Ledger) -> None:
    async with ledger.open() as db:
        with contextlib.suppress(ZeroDivisionError):
            async with db.transaction(hub_id=hub()) as tx:
                await tx.outbox.add(published(slot(1), 1))
                raise ZeroDivisionError
    await ledger.stage(published(slot(1), 2))
    async with ledger.relaying():
        records = await ledger.read(topics.ENTRIES, at_least=1, quiet_s=0.5)
    assert capacities(records) == [2]


def largest_chunks(count: int) -> list[InputChunk]:
    """A frozen input in chunks of half a megabyte, of which 17 fill a round of the relay."""
    round_id, input_id = RoundId(new_id()), InputId(new_id())
    rows = tuple(("x" * 990,) for _ in range(500))
    return [
        InputChunk(round_id=round_id, input_id=input_id, table="students", index=index, count=count, rows=rows)
        for index in range(count)
    ]


async def test_the_largest_chunks_of_a_frozen_input_arrive_in_order(ledger: Ledger) -> None:
    await ledger.stage(*largest_chunks(40))
    async with ledger.relaying():
        records = await ledger.read(topics.ROUND_INPUTS, at_least=40)
    assert [json.loads(record.value)["data"]["index"] for record in records] == list(range(40))


async def test_no_pause_is_made_while_large_rows_lie_there(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_chassis.relay.GATHER_S", 3600.0)
    await ledger.stage(*largest_chunks(40))
    async with ledger.relaying():
        await until(lambda: sent(ledger, 40))


async def test_one_missing_topic_does_not_hold_up_the_others(ledger: Ledger) -> None:
    await ledger.ask("INSERT INTO outbox (topic, key, payload) VALUES ('nowhere', 'k', '{}'::bytea)")
    await ledger.stage(verified(1))
    async with ledger.relaying() as relay:
        await ledger.read(topics.ENTRIES, at_least=1)
        await until(lambda: blocked(relay))
    assert await ledger.ask("SELECT topic FROM outbox WHERE sent_at IS NULL") == [{"topic": "nowhere"}]


async def blocked(relay: Relay) -> bool:
    return relay.reason is not None
