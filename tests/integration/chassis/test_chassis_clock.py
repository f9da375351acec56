"""The clock on a real database: due rows fire once, whoever looks, whenever."""

import asyncio
from datetime import UTC, datetime, timedelta

from hub_chassis.clock import Clock, Due, DueRow, cancel, schedule
from hub_chassis.transaction import Transaction
from tests.integration.chassis.support import APP, Ledger, hub, slot, until, verified

_NOTE = "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)"


def noting() -> Due:
    due = Due()

    @due.fires("note")
    async def note(row: DueRow, tx: Transaction) -> None:
        await tx.conn.execute(_NOTE, tx.hub_id, slot(1), row.payload["capacity"])
        await tx.outbox.add(verified(row.payload["capacity"]))

    return due


async def remember(ledger: Ledger, capacity: int, at: datetime, *, kind: str = "note") -> None:
    async with ledger.open(role=APP) as db, db.transaction(hub_id=hub()) as tx:
        await schedule(tx, kind=kind, subject=str(capacity), at=at, payload={"capacity": capacity})


async def test_two_clocks_fire_each_row_once_also_what_fell_due_while_none_ran(ledger: Ledger) -> None:
    past = datetime.now(UTC) - timedelta(days=3)
    async with ledger.open() as db, db.transaction(hub_id=hub()) as tx:
        for number in range(100):
            at = past + timedelta(minutes=number)
            await schedule(tx, kind="note", subject=str(number), at=at, payload={"capacity": number})
    stop = asyncio.Event()
    async with ledger.open() as one, ledger.open() as other:
        clocks = [asyncio.create_task(Clock(db, noting()).run(stop)) for db in (one, other)]
        await until(lambda: empty(ledger))
        stop.set()
        await asyncio.gather(*clocks)
    assert sorted(await ledger.capacities()) == list(range(100))
    assert await ledger.one("SELECT count(*) FROM outbox") == 100


async def empty(ledger: Ledger) -> bool:
    return bool(await ledger.one("SELECT count(*) = 0 FROM due"))


async def test_nothing_fires_before_its_time_nor_after_it_was_cancelled(ledger: Ledger) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await remember(ledger, 1, soon)
    await remember(ledger, 2, soon)
    await remember(ledger, 2, soon)
    async with ledger.open() as db:
        clock = Clock(db, noting())
        assert not await clock.fire_next()
        async with db.transaction(hub_id=hub()) as tx:
            await cancel(tx, kind="note", subject="1")
        await until(clock.fire_next)
        assert not await clock.fire_next()
    assert await ledger.capacities() == [2]


async def test_a_row_that_fails_leaves_no_trace_holds_nobody_up_and_is_tried_again(ledger: Ledger) -> None:
    broken = True
    due = noting()

    @due.fires("fragile")
    async def fragile(row: DueRow, tx: Transaction) -> None:
        await tx.conn.execute(_NOTE, tx.hub_id, slot(1), row.payload["capacity"])
        if broken:
            raise ZeroDivisionError

    past = datetime.now(UTC) - timedelta(hours=1)
    await remember(ledger, 1, past, kind="fragile")
    await remember(ledger, 2, past + timedelta(minutes=1))
    async with ledger.open() as db:
        clock = Clock(db, due)
        assert await clock.fire_next()
        assert await ledger.capacities() == []
        await until(lambda: fired_up_to(ledger, clock, 1))
        assert await ledger.capacities() == [2]
        assert await ledger.ask("SELECT tries > 0 AS tried, last_error FROM due") == [
            {"tried": True, "last_error": "ZeroDivisionError: "}
        ]
        broken = False
        await until(clock.fire_next)
    assert await ledger.capacities() == [2, 1]


async def fired_up_to(ledger: Ledger, clock: Clock, count: int) -> bool:
    await clock.fire_next()
    return len(await ledger.capacities()) == count


async def test_a_kind_this_release_does_not_know_is_left_alone(ledger: Ledger) -> None:
    await remember(ledger, 1, datetime.now(UTC) - timedelta(hours=1), kind="of the next release")
    async with ledger.open() as db:
        assert not await Clock(db, noting()).fire_next()
    assert not await empty(ledger)
