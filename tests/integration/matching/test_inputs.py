"""The barrier: chunks and the closing in any order, and no run on less than what hashes right."""

import random
from collections.abc import Callable, Sequence

import pytest

from hub_chassis.database import Database
from hub_matching.errors import InputConflict, RunConflict
from hub_matching.inputs.checking import check_next, tell_waiting
from hub_matching.inputs.repository import load_tables
from hub_schemas.envelope import Fact
from hub_schemas.ids import HubId, RoundId, new_id
from tests.integration.matching.support import Matching
from tests.support.instances import Round, market

SIZE = 7


def shuffled(facts: Sequence[Fact]) -> list[Fact]:
    return random.Random(7).sample(facts, k=len(facts))  # noqa: S311 -- no secret


Order = Callable[[Sequence[Fact], Fact, Fact], Sequence[Fact]]

ORDERS: dict[str, Order] = {
    "chunks, closing, request": lambda chunks, closed, asked: [*chunks, closed, asked],
    "closing, chunks, request": lambda chunks, closed, asked: [closed, *chunks, asked],
    "request first": lambda chunks, closed, asked: [asked, closed, *chunks],
    "request, chunks, closing": lambda chunks, closed, asked: [asked, *chunks, closed],
    "chunks backwards, closing between": lambda chunks, closed, asked: [*chunks[:0:-1], closed, asked, chunks[0]],
    "everything twice": lambda chunks, closed, asked: [*chunks, closed, *chunks, asked, asked, closed],
    "shuffled with doubles": lambda chunks, closed, asked: shuffled([*chunks, *chunks, closed, closed, asked]),
}


async def check_all(db: Database) -> None:
    while await check_next(db):
        pass


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
async def test_input_is_held_whatever_the_order_of_arrival(matching: Matching, order: Order) -> None:
    round_ = market()
    asked = round_.requested()
    facts = order(round_.chunks(SIZE), round_.closed(size=SIZE), asked)
    async with matching.open() as db:
        for fact in facts:
            await matching.handle(db, fact)
            await check_all(db)
        async with db.connection() as conn:
            held = await load_tables(conn, round_.input_id)

    assert held == round_.files
    assert await matching.state(asked.run_id) == "queued"
    assert await matching.one("SELECT count(*) FROM job") == 1
    assert await matching.one("SELECT count(*) FROM input_chunk") == 0
    told = await matching.staged("InputHeld")
    assert [(fact["input_id"], fact["input_sha256"]) for fact in told] == [(str(round_.input_id), round_.sha256)]
    assert (await matching.staged_types())["RunAccepted"] == 1


@pytest.mark.parametrize("missing", ["first", "last", "closing"])
async def test_run_waits_for_what_is_missing_and_says_so(matching: Matching, missing: str) -> None:
    round_ = market()
    chunks, closed, asked = round_.chunks(SIZE), round_.closed(size=SIZE), round_.requested()
    late: Fact = {"first": chunks[0], "last": chunks[-1], "closing": closed}[missing]
    async with matching.open() as db:
        await matching.handle(db, asked, *(fact for fact in (*chunks, closed) if fact is not late))
        await check_all(db)
        await tell_waiting(db)

        assert await matching.state(asked.run_id) == "waiting"
        assert await matching.one("SELECT count(*) FROM job") == 0
        assert await matching.staged("InputHeld") == []
        said = (await matching.staged("RunWaiting"))[-1]["waiting_for"]
        text = "the round's closing has not arrived" if missing == "closing" else f"1 of {len(chunks)} chunks"
        assert text in said

        await matching.handle(db, late)
        await check_all(db)
    assert await matching.state(asked.run_id) == "queued"


async def test_input_that_hashes_wrong_is_never_held_and_its_run_never_starts(matching: Matching) -> None:
    round_ = market()
    chunks, closed, asked = round_.chunks(SIZE), round_.closed(size=SIZE), round_.requested()
    first = chunks[0]
    changed = ((*first.rows[0][:9], "999", *first.rows[0][10:]), *first.rows[1:])
    forged = first.model_copy(update={"rows": changed})
    async with matching.open() as db:
        await matching.handle(db, forged, *chunks[1:], closed, asked)
        await check_all(db)

        assert await matching.state(asked.run_id) == "waiting"
        assert await matching.staged("InputHeld") == []
        assert "hashes to" in (await matching.staged("RunWaiting"))[-1]["waiting_for"]
        assert await matching.one("SELECT count(*) FROM input_table") == 0

        await matching.handle(db, first)
        await check_all(db)
    assert await matching.state(asked.run_id) == "queued"


async def test_missing_rows_are_named_where_the_hash_differs(matching: Matching) -> None:
    round_ = market()
    chunks, closed, asked = round_.chunks(SIZE), round_.closed(size=SIZE), round_.requested()
    short = chunks[0].model_copy(update={"rows": chunks[0].rows[1:]})
    async with matching.open() as db:
        await matching.handle(db, short, *chunks[1:], closed, asked)
        await check_all(db)
    said = (await matching.staged("RunWaiting"))[-1]["waiting_for"]
    assert "11 rows of students where 12 are announced" in said


async def test_chunk_that_makes_no_table_keeps_the_input_waiting_with_the_reason(matching: Matching) -> None:
    round_ = market()
    chunks, closed, asked = round_.chunks(SIZE), round_.closed(size=SIZE), round_.requested()
    cut = chunks[0].model_copy(update={"rows": (chunks[0].rows[0][:-1], *chunks[0].rows[1:])})
    async with matching.open() as db:
        await matching.handle(db, cut, *chunks[1:], closed, asked)
        await check_all(db)
    assert await matching.state(asked.run_id) == "waiting"
    assert "students, row 1" in (await matching.staged("RunWaiting"))[-1]["waiting_for"]


async def test_held_input_does_not_change(matching: Matching) -> None:
    round_ = market()
    other = round_.with_rows("students", market(seed=2).rows["students"])
    async with matching.open() as db:
        await matching.handle(db, *round_.chunks(), round_.closed())
        await check_all(db)
        await matching.handle(db, *other.chunks())
        with pytest.raises(InputConflict):
            await matching.handle(db, other.closed())
        await check_all(db)
        async with db.connection() as conn:
            assert await load_tables(conn, round_.input_id) == round_.files


async def test_run_for_another_hash_than_the_rounds_fails_with_the_reason(matching: Matching) -> None:
    round_ = market()
    early = round_.requested().model_copy(update={"input_sha256": "0" * 64})
    late = round_.requested().model_copy(update={"input_sha256": "1" * 64})
    async with matching.open() as db:
        await matching.handle(db, early, *round_.chunks(), round_.closed())
        await check_all(db)
        await matching.handle(db, late)
    assert await matching.state(early.run_id) == await matching.state(late.run_id) == "failed"
    failed = await matching.staged("RunFailed")
    assert [fact["code"] for fact in failed] == ["bad_input", "bad_input"]
    assert await matching.one("SELECT count(*) FROM job") == 0


async def test_what_belongs_to_another_round_or_hub_is_refused(matching: Matching) -> None:
    round_ = market()
    chunk = round_.chunks()[0]
    stranger = Round(round_.rows, round_id=RoundId(new_id()), input_id=round_.input_id)
    async with matching.open() as db:
        await matching.handle(db, chunk)
        with pytest.raises(InputConflict):
            await matching.handle(db, stranger.closed())
        with pytest.raises(InputConflict):
            await matching.handle(db, chunk, hub_id=HubId(new_id()))
        with pytest.raises(InputConflict):
            await matching.handle(db, chunk.model_copy(update={"table": "secrets"}))


async def test_run_id_used_for_another_request_is_refused(matching: Matching) -> None:
    round_ = market()
    asked = round_.requested()
    async with matching.open() as db:
        await matching.handle(db, asked)
        other = asked.policy.model_copy(update={"lottery_seed": "another"})
        with pytest.raises(RunConflict):
            await matching.handle(db, asked.model_copy(update={"policy": other}))
    assert (await matching.staged_types()) == {"RunAccepted": 1, "RunWaiting": 1}
