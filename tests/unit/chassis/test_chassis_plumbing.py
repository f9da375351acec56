"""Small parts without a server: errors, outbox rows, records, back-off, correlation, handlers."""

import json
import uuid
from typing import Any

import asyncpg
import pytest
from aiokafka import ConsumerRecord

from hub_chassis import correlation
from hub_chassis.backoff import Backoff
from hub_chassis.errors import DatabaseAway, FactTooLarge, NoHub, Permanent, Transient, is_away, is_transient
from hub_chassis.handlers import Handlers
from hub_chassis.outbox import Outbox, with_seq
from hub_chassis.record import receive
from hub_chassis.transaction import Transaction
from hub_schemas import catalogue, topics
from hub_schemas.events.entries import EmployerVerified, SlotPublished
from hub_schemas.events.round_inputs import InputChunk
from hub_schemas.ids import EmployerId, HubId, InputId, RoundId

HUB = HubId(uuid.UUID(int=1))
VERIFIED = EmployerVerified(employer_id=EmployerId(uuid.UUID(int=2)))


@pytest.mark.parametrize(
    "error",
    [
        Transient("later"),
        DatabaseAway("away"),
        ConnectionResetError(),
        TimeoutError(),
        asyncpg.SerializationError("40001"),
        asyncpg.DeadlockDetectedError("40P01"),
        asyncpg.AdminShutdownError("57P01"),
        asyncpg.TooManyConnectionsError("53300"),
        asyncpg.ConnectionDoesNotExistError("08003"),
        asyncpg.InterfaceError("connection is closed"),
    ],
)
def test_what_may_succeed_later_is_transient(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        Permanent("never"),
        ValueError(),
        FileNotFoundError(),
        asyncpg.UniqueViolationError("23505"),
        asyncpg.UndefinedTableError("42P01"),
        asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
    ],
)
def test_what_can_never_succeed_is_not_transient(error: Exception) -> None:
    assert not is_transient(error)
    assert not is_away(error)


async def test_a_staged_fact_becomes_a_message_that_the_catalogue_reads() -> None:
    outbox = Outbox(source="registry", hub_id=HUB, cause=None)
    with correlation.correlated(uuid.UUID(int=9)):
        envelope_id = await outbox.add(VERIFIED)
    ((topic, key, payload),) = outbox.rows
    envelope = catalogue.parse(topic, with_seq(payload, 42))
    assert (envelope.id, envelope.seq, envelope.source, envelope.data) == (envelope_id, 42, "registry", VERIFIED)
    assert envelope.correlation_id == uuid.UUID(int=9)
    assert key == envelope.key == f"{HUB}:{VERIFIED.employer_id}"


async def test_a_fact_staged_while_a_message_is_handled_names_its_cause() -> None:
    first = Outbox(source="registry", hub_id=HUB, cause=None)
    await first.add(VERIFIED)
    cause = catalogue.parse(topics.ENTRIES, with_seq(first.rows[0][2], 1))
    second = Outbox(source="matching", hub_id=HUB, cause=cause)
    await second.add_many([VERIFIED, VERIFIED])
    for row in second.rows:
        follows = catalogue.parse(topics.ENTRIES, with_seq(row[2], 2))
        assert (follows.causation_id, follows.correlation_id) == (cause.id, cause.correlation_id)


async def test_a_fact_without_a_hub_is_refused() -> None:
    with pytest.raises(NoHub):
        await Outbox(source="registry", hub_id=None, cause=None).add(VERIFIED)


async def test_a_fact_too_large_for_kafka_is_refused_when_it_is_staged() -> None:
    one = uuid.UUID(int=1)
    rows = tuple(("x" * 2000,) for _ in range(500))
    chunk = InputChunk(round_id=RoundId(one), input_id=InputId(one), table="students", index=0, count=1, rows=rows)
    with pytest.raises(FactTooLarge) as refused:
        await Outbox(source="registry", hub_id=HUB, cause=None).add(chunk)
    assert refused.value.size_bytes > 1_000_000


def raw(value: bytes | None, *, key: bytes | None = b"k", headers: Any = ()) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord("west." + topics.ENTRIES, 1, 7, 1_700_000_000_000, 0, key, value, None, 0, 0, headers)


async def test_a_readable_record_gives_its_envelope() -> None:
    outbox = Outbox(source="registry", hub_id=HUB, cause=None)
    await outbox.add(VERIFIED)
    record = receive(raw(with_seq(outbox.rows[0][2], 3), key=None), prefix="west.")
    assert record.envelope is not None
    assert record.envelope.data == VERIFIED
    assert (record.topic, record.key, record.error) == (topics.ENTRIES, outbox.rows[0][1], None)


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00", b"[]", b'{"type": "SlotPublished", "version": 1}', b"1" * 9])
def test_an_unreadable_record_gives_an_error_and_never_raises(value: bytes | None) -> None:
    record = receive(raw(value, key=b"\xff\x00", headers=[("a", None), ("b", b"\x00\xff")]), prefix="west.")
    assert record.envelope is None
    assert record.error
    assert "\x00" not in f"{record.key}{record.headers}"


async def test_what_postgresql_cannot_hold_is_taken_out_of_a_record_or_makes_it_unreadable() -> None:
    outbox = Outbox(source="registry", hub_id=HUB, cause=None)
    await outbox.add(VERIFIED)
    value = json.loads(with_seq(outbox.rows[0][2], 3)) | {"subject": "a\0b"}
    record = receive(raw(json.dumps(value).encode(), headers=[("a\0", b"b")]), prefix="west.")
    assert record.envelope is None
    assert record.error
    assert "\x00" not in f"{record.key}{record.headers}{record.error}"


def test_an_impossible_timestamp_does_not_stop_a_consumer() -> None:
    record = ConsumerRecord("west." + topics.ENTRIES, 1, 7, 1 << 60, 0, b"k", b"", None, 0, 0, ())
    assert receive(record, prefix="west.").error


def test_a_type_of_another_release_is_no_error() -> None:
    record = receive(raw(json.dumps({"type": "SlotExploded", "version": 1}).encode()), prefix="west.")
    assert (record.envelope, record.error) == (None, None)


def test_pauses_grow_to_the_longest_and_begin_again_after_a_success() -> None:
    backoff = Backoff(first_s=1, longest_s=8)
    pauses = [backoff.next_s() for _ in range(6)]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, [1, 2, 4, 8, 8, 8], strict=True))
    backoff.reset()
    assert backoff.next_s() <= 1


def test_a_header_that_is_no_uuid_is_replaced() -> None:
    known = uuid.uuid4()
    assert correlation.parse(str(known)) == known
    assert correlation.parse("'; DROP TABLE") != correlation.parse("'; DROP TABLE")


def test_a_fact_has_one_handler_only() -> None:
    handlers = Handlers("ledger")

    async def handle(event: SlotPublished, tx: Transaction) -> None: ...

    handlers.consume(topics.ENTRIES, SlotPublished)(handle)
    assert handlers.topics == [topics.ENTRIES]
    with pytest.raises(ValueError, match="SlotPublished"):
        handlers.consume(topics.ENTRIES, SlotPublished)(handle)
