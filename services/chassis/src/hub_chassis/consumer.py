"""Consuming: keeps a subscriber running through outages, tries again what is transient, stops on too many failures."""

import asyncio
from dataclasses import fields
from datetime import UTC, datetime

import structlog
from faststream.kafka import KafkaBroker

from hub_chassis import batch, dead_letters, kafka, telemetry
from hub_chassis.backoff import Backoff
from hub_chassis.database import Database
from hub_chassis.errors import Stuck, Transient, is_transient
from hub_chassis.handlers import Handlers
from hub_chassis.record import Received, receive
from hub_chassis.settings import Settings
from hub_chassis.waiting import first, pause
from hub_chassis.watchdog import Watchdog

__all__ = ["Consumer", "Handlers"]

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 30.0
HOLD_POLL_S = 2.0


class Consumer:
    """One member of a service's consumer group. The health page shows its ``reason``."""

    def __init__(self, settings: Settings, *, db: Database, handlers: Handlers) -> None:
        self._settings = settings
        self._db = db
        self._handlers = handlers
        self._held = asyncio.Event()
        self._stop = asyncio.Event()
        self._watchdog = Watchdog(
            topics=[settings.topic_prefix + topic for topic in handlers.topics],
            longest_s=settings.watchdog_s,
            prefix_length=len(settings.topic_prefix),
        )
        self._reason: str | None = "not connected to Kafka yet"

    @property
    def reason(self) -> str | None:
        """Why it is not consuming now; None while it is."""
        return self._reason or ("Kafka does not answer" if self._watchdog.silent else None)

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop`` is set; then finish the batch in hand, commit and leave the group. Raises Stuck."""
        self._stop = stop
        backoff = Backoff(longest_s=10.0)
        while not stop.is_set():
            try:
                if await self._too_many():
                    await pause(stop, HOLD_POLL_S)
                    continue
                await self._session(stop)
                backoff.reset()
            except Stuck:
                raise
            except Exception as error:
                self._reason = f"cannot consume: {type(error).__name__}"
                log.warning("consumer interrupted", error=repr(error))
                await pause(stop, backoff.next_s())

    async def _session(self, stop: asyncio.Event) -> None:
        broker, subscriber = kafka.subscribe(
            self._settings, topics=self._handlers.topics, group=self._handlers.service, handle=self._on_records
        )
        watching = None
        self._held.clear()
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await broker.start()
            self._reason = None
            self._watchdog.connected()
            log.info("consuming", topics=self._handlers.topics)
            watching = asyncio.create_task(self._watchdog.run(lambda: subscriber.consumer, stop))
            waiting = asyncio.create_task(first(stop, self._held))
            await asyncio.wait({watching, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if watching.done():
                watching.result()
        finally:
            if watching is not None:
                watching.cancel()
            await _close(broker, self._settings.graceful_timeout_s)

    async def _on_records(self, raw: kafka.Records) -> None:
        records = [receive(record, prefix=self._settings.topic_prefix) for record in raw]
        outcome = await self._until_done(records)
        for each in fields(outcome):
            if amount := getattr(outcome, each.name):
                telemetry.RECORDS.labels(each.name).inc(amount)
        _note_age(records)
        self._watchdog.moved()
        if outcome.dead:
            log.error("dead letters", unreadable=outcome.unreadable, permanent=outcome.permanent)
            if await self._too_many():
                self._held.set()

    async def _until_done(self, records: list[Received]) -> batch.Outcome:
        """Try until the batch is committed. Giving it back to FastStream instead would be unsafe: its rewind stops at
        the first partition that a rebalance took away, and what follows would be committed unhandled.
        """
        backoff = Backoff(longest_s=5.0)
        while True:
            try:
                with telemetry.BATCH_SECONDS.time():
                    outcome = await batch.handle_batch(self._db, self._handlers, records)
            except Exception as error:
                if not is_transient(error):
                    log.exception("a batch failed in the plumbing itself")
                telemetry.RETRIES.inc()
                self._watchdog.moved()
                self._reason = f"trying again: {type(error).__name__}"
                log.warning("a batch will be tried again", error=repr(error), records=len(records))
            else:
                self._reason = None
                return outcome
            if await pause(self._stop, backoff.next_s()):
                raise Transient("stopping before the batch could be handled")

    async def _too_many(self) -> bool:
        try:
            async with self._db.connection() as conn:
                count = await dead_letters.count_open(conn)
        except Exception as error:
            if is_transient(error):
                return False
            raise
        if count < self._settings.dead_letter_limit:
            return False
        self._reason = f"{count} open dead letters (limit {self._settings.dead_letter_limit}): consuming stopped"
        return True


def _note_age(records: list[Received]) -> None:
    now = datetime.now(UTC)
    for record in records:
        age_s = (now - record.written_at).total_seconds()
        telemetry.RECORD_AGE.labels(record.topic).observe(max(0.0, age_s))


async def _close(broker: KafkaBroker, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s + 10.0):
            await broker.stop()
    except Exception as error:
        log.warning("leaving the consumer group failed", error=repr(error))
