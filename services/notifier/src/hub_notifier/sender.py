"""A worker that tells people, one after the other, over a line of its own."""

import asyncio
import random
import time
from datetime import UTC, datetime

import structlog
from opentelemetry.trace import SpanKind

from hub_chassis import tracing
from hub_chassis.backoff import Backoff
from hub_chassis.correlation import correlated
from hub_chassis.database import Database
from hub_chassis.errors import is_transient
from hub_chassis.waiting import pause
from hub_notifier import metrics, retry
from hub_notifier.channels.channel import Channel, Line, Message
from hub_notifier.delivery import ClaimLost, HeldBack, prepare, send
from hub_notifier.desk import CLAIM_AT_ONCE, Desk
from hub_notifier.errors import Away, ChannelAway
from hub_notifier.notices import ledger, repository
from hub_notifier.notices.model import Ending, Failed, Notice, PutOff
from hub_notifier.recorder import HandOver, Recorder
from hub_notifier.registry import Answer, Registry
from hub_notifier.settings import NotifierSettings

FIRST_AT_ONCE = 8
VIEW_FRESH_S = 2.0
"""What the registry said is asked again when it is older than this: a hold stops all mail within that time."""
INTERNAL_ERROR = "internal_error"
GAVE_UP = "gave_up"

log = structlog.get_logger(__name__)


class Sender:
    """Claims a few notices, sends them, claims the next; safe beside any number of others."""

    def __init__(
        self,
        *,
        db: Database,
        desk: Desk,
        recorder: Recorder,
        registry: Registry,
        channel: Channel,
        settings: NotifierSettings,
    ) -> None:
        self._db = db
        self._desk = desk
        self._recorder = recorder
        self._registry = registry
        self._channel = channel
        self._settings = settings
        self._line: Line | None = None
        self._at_once = FIRST_AT_ONCE
        self._pauses = Backoff(first_s=0.2, longest_s=5.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop``; whatever is away is waited for."""
        try:
            while not stop.is_set():
                if not await self._try_some(stop):
                    await self._hang_up()
        finally:
            await self._hang_up()

    async def _try_some(self, stop: asyncio.Event) -> bool:
        """Send what is due now, at most a handful; False when there is nothing to do."""
        try:
            notices = await self._desk.take(self._db, stop)
            await self._send_all(notices, stop)
        except Exception as error:
            if not (isinstance(error, Away) or is_transient(error)):
                raise
            metrics.AWAY.labels(type(error).__name__).inc()
            log.warning("away; will go on when it is back", what=type(error).__name__, error=str(error))
            await pause(stop, self._pauses.next_s())
            return True
        if notices:
            self._pauses.reset()
        return bool(notices)

    async def _send_all(self, notices: list[Notice], stop: asyncio.Event) -> None:
        left = list(notices)
        give_back_at = time.monotonic() + self._settings.lease_s / 2  # a slow mail server: let others help
        try:
            while left and not stop.is_set() and time.monotonic() < give_back_at:
                if not await self._send_fresh(left, stop, until=give_back_at):
                    break
        except Exception:
            await self._give_back(left)
            raise
        await self._give_back(left)

    async def _send_fresh(self, left: list[Notice], stop: asyncio.Event, *, until: float) -> bool:
        """Ask what the next notices say now and send them while that is fresh, taking what is done off ``left``.

        Asks about as many as were sent lately while one answer was fresh: a slow mail server must not have us ask
        about the same notices again and again. False when the hub holds its notices.
        """
        asked = left[: self._at_once]
        until = min(until, time.monotonic() + VIEW_FRESH_S)
        with correlated(asked[0].publication.correlation_id):
            answers = await self._registry.look(asked)
        done = 0
        for notice in asked:
            if stop.is_set() or (done and time.monotonic() > until):
                break
            with (
                correlated(notice.publication.correlation_id),
                tracing.span("tell", SpanKind.CLIENT, attributes={"hub.notice_id": str(notice.notice_id)}),
            ):
                if not await self._one(notice, answers[notice.notice_id]):
                    return False
            del left[0]
            done += 1
        self._at_once = max(self._at_once, min(2 * done, CLAIM_AT_ONCE)) if done == len(asked) else max(done, 1)
        return True

    async def _give_back(self, notices: list[Notice]) -> None:
        """Let others have what we didn't begin; if that fails, the lease ends by itself."""
        if not notices:
            return
        try:
            async with self._db.transaction() as tx:
                await repository.release(tx.conn, notices)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("claims are left to run out", notices=len(notices), error=str(error))

    async def _one(self, notice: Notice, answer: Answer) -> bool:
        """Tell one person; False when the hub holds its notices. Raises Away and what the database raises."""
        began = time.perf_counter()
        made = _prepare(notice, answer)
        if isinstance(made, HeldBack):
            await self._hold(notice)
            return False
        if notice.hub_held and isinstance(made, Message):
            async with self._db.transaction() as tx:
                await repository.unhold(tx.conn, notice.publication.hub_id)
        ending = await self._send(notice, made) if isinstance(made, Message) else made
        outcome = "claim_lost" if isinstance(ending, ClaimLost) else await self._settle(notice, ending)
        metrics.NOTICES.labels(outcome, notice.recipient.kind).inc()
        metrics.SEND_SECONDS.labels(outcome).observe(time.perf_counter() - began)
        if outcome == "sent":
            took_s = (datetime.now(UTC) - notice.publication.published_at).total_seconds()
            metrics.DELIVERY_SECONDS.labels(notice.recipient.kind).observe(max(0.0, took_s))
        return True

    async def _send(self, notice: Notice, message: Message) -> Ending | ClaimLost:
        async def begin() -> bool:
            return await self._recorder.write(self._db, HandOver(notice))

        while True:
            line, is_fresh = await self._open_line()
            try:
                return await send(line, message, begin=begin)
            except ChannelAway:
                if is_fresh:
                    raise  # else the server had hung up on a line in use since earlier: try on a new one
            except Exception as error:
                if not is_transient(error):
                    raise
                return PutOff("database_away")  # whether the hand-over was committed isn't known; that nothing left is

    async def _open_line(self) -> tuple[Line, bool]:
        if self._line is not None and self._line.is_open:
            return self._line, False
        self._line = await self._channel.open_line()
        return self._line, True

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _settle(self, notice: Notice, ending: Ending) -> str:
        """Write what became of a notice, however long the database is away: its message may have left."""
        pause_s = 0.0
        if isinstance(ending, PutOff):
            pause_s = retry.pause_s(notice.deferrals + 1, spread=random.random())  # noqa: S311 -- no secret
            if retry.gives_up(notice.age_s):
                ending = Failed(f"{GAVE_UP}:{ending.reason}")
        settlement = ledger.Settlement(notice, ending, pause_s, self._channel.name)
        backoff = Backoff(first_s=0.1, longest_s=2.0)
        while True:
            try:
                kept = await self._recorder.write(self._db, settlement)
                return ledger.outcome_of(ending) if kept else "claim_lost"
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("what became of a notice can't be written yet", outcome=ledger.outcome_of(ending))
                await asyncio.sleep(backoff.next_s())

    async def _hold(self, notice: Notice) -> None:
        metrics.NOTICES.labels("held", notice.recipient.kind).inc()
        async with self._db.transaction() as tx:
            await repository.hold(tx.conn, notice.publication.hub_id, look_s=self._settings.held_look_s)


def _prepare(notice: Notice, answer: Answer) -> Message | HeldBack | Failed | PutOff:
    try:
        return prepare(notice, answer)
    except Exception:  # one notice that trips us must not keep the others from being sent
        log.exception("a notice could not be prepared", notice_id=str(notice.notice_id))
        return PutOff(INTERNAL_ERROR)
