"""The notifier's workers as the chassis runs them: each has connections of its own, so that none can stop another."""

import structlog

from hub_chassis.errors import is_transient
from hub_chassis.service import Running, Worker
from hub_chassis.waiting import pause
from hub_notifier import metrics
from hub_notifier.channels.smtp import SmtpChannel
from hub_notifier.desk import Desk
from hub_notifier.errors import Away
from hub_notifier.expander import Expander
from hub_notifier.notices import ledger, service
from hub_notifier.recorder import Recorder
from hub_notifier.registry import Registry
from hub_notifier.sender import Sender
from hub_notifier.settings import NotifierSettings

WATCH_S = 2.0

log = structlog.get_logger(__name__)


def workers(settings: NotifierSettings) -> list[Worker]:
    """All workers of one process: one that expands, one that watches, and the senders."""

    desk = Desk(lease_s=settings.lease_s, idle_s=settings.idle_s)
    recorder = Recorder(hand_over_lease_s=settings.hand_over_lease_s)

    async def expanding(running: Running) -> None:
        """Turn publications into notices."""
        async with _registry(settings) as registry:
            expander = Expander(
                db=running.worker_db,
                registry=registry,
                lease_s=settings.registry_timeout_s * 2,
                held_look_s=settings.held_look_s,
            )
            await _expand_until_stopped(expander, running, idle_s=settings.idle_s)

    async def sending(running: Running) -> None:
        """Send notices."""
        async with _registry(settings) as registry:
            sender = Sender(
                db=running.worker_db,
                desk=desk,
                recorder=recorder,
                registry=registry,
                channel=email(settings),
                settings=settings,
            )
            await sender.run(running.stop)

    return [expanding, watching, *[sending] * settings.senders]


async def watching(running: Running) -> None:
    """Call uncertain what silent workers left behind, and count what is open."""
    while True:
        try:
            async with running.worker_db.transaction() as tx:
                swept = await service.sweep_silent(tx)
                found = await ledger.count_open(tx.conn)
            if swept:
                log.warning("notices are uncertain: they may have arrived", notices=swept)
            metrics.WAITING.set(found.waiting)
            metrics.HELD.set(found.held)
            metrics.OLDEST.set(found.oldest_s)
            metrics.UNCERTAIN.set(found.uncertain)
        except Exception as error:
            if not is_transient(error):
                raise
        if await pause(running.stop, WATCH_S):
            return


async def _expand_until_stopped(expander: Expander, running: Running, *, idle_s: float) -> None:
    while not running.stop.is_set():
        try:
            did_something = await expander.work()
        except Exception as error:
            if not (isinstance(error, Away) or is_transient(error)):
                raise
            metrics.AWAY.labels(type(error).__name__).inc()
            log.warning("away; will go on when it is back", what=type(error).__name__, error=str(error))
            did_something = False
        if not did_something:
            await pause(running.stop, idle_s)


def email(settings: NotifierSettings) -> SmtpChannel:
    """The e-mail channel these settings describe."""
    password = settings.smtp_password
    return SmtpChannel(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        security=settings.smtp_security,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        answer_s=settings.smtp_answer_s,
    )


def _registry(settings: NotifierSettings) -> Registry:
    token = settings.internal_token.get_secret_value()
    return Registry(url=settings.registry_url, token=token, timeout_s=settings.registry_timeout_s, connections=1)
