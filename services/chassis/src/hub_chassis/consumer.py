"""Consuming: keeps a subscriber running through outages, tries again what is transient, stops on too many failures."""

import asyncio
import time
from dataclasses import fields

import structlog
from faststream.kafka import KafkaBroker

from hub_chassis import batch, dead_letters, kafka, telemetry
from hub_chassis.backoff import Backoff
from hub_chassis.database import Database
from hub_chassis.errors import Transient, is_transient
from hub_chassis.handlers import Handlers
from hub_chassis.record import Received, receive
from hub_chassis.settings import Settings
from hub_chassis.waiting import first, pause

__all__ = ["Consumer", "Handlers"]

log = structlog.get_logger(__name__)

START_TIMEOUT_S = 30.0
HOLD_POLL_S = 2.0


class Consumer:
    """One consumer group member of a service.

    ``reason`` says why it is not consuming now (None while it is): the health page shows it.
    """

    def __init__(self, settings: Settings, *, db: Database, handlers: Handlers) -> None:
        self._settings = settings
        self._db = db
        self._handlers = handlers
        self._stopping = False
        self._held = asyncio.Event()
        self.reason: str | None = "not connected to Kafka yet"
        self.progress = time.monotonic()
        self.stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until ``stop`` is set; then finish the batch in hand, commit and leave the group."""
        self.stop = stop
        backoff = Backoff(longest_s=10.0)
        while not stop.is_set():
            try:
                if await self._too_many():
                    await pause(stop, HOLD_POLL_S)
                    continue
                await self._session(stop)
                backoff.reset()
            except Exception as error:
                self.reason = f"cannot consume: {type(error).__name__}"
                log.warning("consumer interrupted", error=repr(error))
                await pause(stop, backoff.next_s())

    async def _session(self, stop: asyncio.Event) -> None:
        broker, _subscriber = kafka.subscribe(
            self._settings, topics=self._handlers.topics, group=self._handlers.service, handle=self._on_records
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await broker.start()
            self.reason = None
            self._held.clear()
            log.info("consuming", topics=self._handlers.topics)
            await first(stop, self._held)
        finally:
            await _close(broker, self._settings.graceful_timeout_s)

    async def _on_records(self, raw: kafka.Records) -> None:
        records = [receive(record, prefix=self._settings.topic_prefix) for record in raw]
        outcome = await self._until_done(records)
        for each in fields(outcome):
            if amount := getattr(outcome, each.name):
                telemetry.RECORDS.labels(each.name).inc(amount)
        self.progress = time.monotonic()
        if outcome.dead:
            log.error("dead letters", unreadable=outcome.unreadable, permanent=outcome.permanent)
            if await self._too_many():
                self._held.set()

    async def _until_done(self, records: list[Received]) -> batch.Outcome:
        backoff = Backoff(longest_s=5.0)
        while True:
            try:
                with telemetry.BATCH_SECONDS.time():
                    return await batch.handle_batch(self._db, self._handlers, records)
            except Exception as error:
                if not is_transient(error):
                    log.exception("a batch failed in the plumbing; trying again")
                telemetry.RETRIES.inc()
                self.progress = time.monotonic()
                self.reason = f"trying again: {type(error).__name__}"
                log.warning("batch will be tried again", error=repr(error), records=len(records))
            if self.stop.is_set():
                raise Transient("stopping before the batch could be handled")
            await pause(self.stop, backoff.next_s())
            self.reason = None

    async def _too_many(self) -> bool:
        try:
            async with self._db.connection() as conn:
                count = await dead_letters.count_open(conn)
        except Exception as error:
            if is_transient(error):
                return False
            raise
        telemetry.DEAD_LETTERS_OPEN.set(count)
        if count >= self._settings.dead_letter_limit:
            self.reason = f"{count} open dead letters (limit {self._settings.dead_letter_limit}): consuming stopped"
            return True
        return False


async def _close(broker: KafkaBroker, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s + 10.0):
            await broker.stop()
    except Exception as error:
        log.warning("leaving the consumer group failed", error=repr(error))
