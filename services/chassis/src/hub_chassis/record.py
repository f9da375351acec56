"""A Kafka record taken apart by ourselves: nothing that comes from the topic can raise here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from hub_schemas import catalogue
from hub_schemas.envelope import Envelope, Fact


@dataclass(frozen=True)
class Received:
    """One record: where it lay and what it says.

    ``envelope`` is None when the record is unreadable (``error`` says why) or of a type nobody here knows
    (``error`` is None).
    """

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes
    headers: list[tuple[str, str]]
    written_at: datetime
    envelope: Envelope[Fact] | None
    error: str | None


def receive(record: "ConsumerRecord[Any, Any]", *, prefix: str) -> Received:
    """Read a record; what is wrong with it becomes its ``error``."""
    topic = record.topic.removeprefix(prefix)
    value = record.value or b""
    envelope, error = _parse(topic, value)
    key = None if record.key is None else text(record.key)
    if envelope is not None and key is None:
        key = envelope.key
    return Received(
        topic=topic,
        partition=record.partition,
        offset=record.offset,
        key=key,
        value=value,
        headers=[(_storable(str(name)), text(content)) for name, content in record.headers or ()],
        written_at=_written_at(record.timestamp),
        envelope=envelope,
        error=error,
    )


def text(raw: bytes | None) -> str:
    """Bytes as text that PostgreSQL can hold, whatever they are."""
    return _storable((raw or b"").decode("utf-8", "backslashreplace"))


def _storable(words: str) -> str:
    return words.replace("\x00", "\\x00")


def _written_at(timestamp_ms: int) -> datetime:
    try:
        return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def _parse(topic: str, value: bytes) -> tuple[Envelope[Fact] | None, str | None]:
    try:
        envelope = catalogue.parse(topic, value)
    except catalogue.UnknownType:
        return None, None
    except Exception as error:
        return None, _storable(f"{type(error).__name__}: {error}")[:2000]
    # The plumbing writes these down itself: text that PostgreSQL can't hold would fail the whole batch for ever.
    if "\x00" in envelope.source + envelope.subject:
        return None, "Unreadable: source or subject holds a NUL character"
    return envelope, None
