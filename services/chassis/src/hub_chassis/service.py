"""A whole service in one process: HTTP, relay, consumer, clock and workers on one event loop."""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import structlog
import uvicorn
from fastapi import FastAPI

from hub_chassis import housekeeping, http, logs, migrations, observing, telemetry, tracing
from hub_chassis.backoff import Backoff
from hub_chassis.clock import Clock, Due
from hub_chassis.consumer import Consumer
from hub_chassis.database import Database
from hub_chassis.handlers import Handlers
from hub_chassis.health import Health
from hub_chassis.relay import Relay
from hub_chassis.settings import Settings
from hub_chassis.waiting import pause

log = structlog.get_logger(__name__)

GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""Objects between two collections: by default tables of many thousand rows are searched for cycles at every turn."""


@dataclass(frozen=True)
class Running:
    """What a worker gets: the pools and the event that is set when the service stops."""

    settings: Settings
    db: Database
    worker_db: Database
    health: Health
    stop: asyncio.Event


Worker = Callable[[Running], Awaitable[None]]


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: the service decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the service."""
        yield


class Service:
    """One deployable service.

    Args:
        settings: the service's own settings.
        package: its import name, e.g. "hub_registry": migrations and group roles (``<package>_app``, ``_worker``).
        handlers: what it consumes, if anything.
        app: its FastAPI app, if it has one; ``app.state.running`` is set before the first request.
        workers: run side by side until ``running.stop`` is set; one that ends in an error is started again.
        due: what its clock fires, if anything.
        uses: group roles besides app and worker, e.g. ("import",).
    """

    def __init__(
        self,
        settings: Settings,
        *,
        package: str | None = None,
        handlers: Handlers | None = None,
        app: FastAPI | None = None,
        workers: Sequence[Worker] = (),
        due: Due | None = None,
        uses: Sequence[str] = (),
    ) -> None:
        self.settings = settings
        self.package = package or f"hub_{settings.service}"
        self._handlers = handlers
        self._app = app or FastAPI(title=f"hub-{settings.service}", openapi_url=None)
        self._workers = workers
        self._due = due
        self._uses = ("app", "worker", *uses)
        self._exit = 0
        self.health = Health()

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; ends the process with a non-zero status if a part gave up."""
        logs.configure(self.settings)
        sys.exit(asyncio.run(self.serve()))

    async def serve(self, stop: asyncio.Event | None = None) -> int:
        """Run until ``stop`` is set (or a signal comes, when none is given); gives the exit status."""
        stop = stop or _stop_on_signals()
        http.install(self._app)
        telemetry.BUILD_INFO.labels(_version(self.package)).set(1)
        around = http.Around(self._app, health=self.health)
        server = self._server(around)
        async with AsyncExitStack() as stack:
            stack.enter_context(tracing.configured(self.settings))
            running = await self._open(stack, stop)
            self._app.state.running = running
            serving = self._watched(asyncio.create_task(server.serve(), name="http"), stop)
            if await self._migrated(stop):
                gc.freeze()  # what was imported stays: no collection needs to look at it
                gc.set_threshold(*GARBAGE_THRESHOLDS)
                around.starting = False
                await self._work(running)
            server.should_exit = True
            await asyncio.wait({serving})
        return self._exit

    def _server(self, around: http.Around) -> "_Server":
        return _Server(
            uvicorn.Config(
                around,
                host=self.settings.http_host,
                port=self.settings.http_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=int(self.settings.graceful_timeout_s),
            )
        )

    def _watched(self, task: "asyncio.Task[None]", stop: asyncio.Event) -> "asyncio.Task[None]":
        """A part that ends before the service stops takes it down with a non-zero status: somebody starts it again."""

        def ended(task: "asyncio.Task[None]") -> None:
            error = None if task.cancelled() else task.exception()
            if error is not None or not stop.is_set():
                log.critical("a part ended; the service stops", part=task.get_name(), error=repr(error))
                self._exit = 1
            stop.set()

        task.add_done_callback(ended)
        return task

    async def _open(self, stack: AsyncExitStack, stop: asyncio.Event) -> Running:
        db = await stack.enter_async_context(Database.open(self.settings, role=self.role("app")))
        worker_db = await stack.enter_async_context(Database.open(self.settings, role=self.role("worker")))
        self.health.add("database", db.check)
        return Running(settings=self.settings, db=db, worker_db=worker_db, health=self.health, stop=stop)

    def role(self, use: str) -> str:
        """Name the group role of a use."""
        return migrations.role_name(self.package, use)

    async def _migrated(self, stop: asyncio.Event) -> bool:
        """Bring the schema up to date, waiting for PostgreSQL if need be; False when stopped meanwhile."""
        owner = self.settings.database_owner_url
        backoff = Backoff(first_s=0.5, longest_s=5.0)
        while not stop.is_set() and owner is not None:
            try:
                await asyncio.to_thread(migrations.upgrade, owner, package=self.package, roles=self._uses)
                break
            except migrations.Away as error:
                log.warning("waiting for PostgreSQL to migrate", error=str(error))
                await pause(stop, backoff.next_s())
        return not stop.is_set()

    async def _work(self, running: Running) -> None:
        """Run the parts until stop; then the consumer finishes, and the relay sends what it staged."""
        parts = [self._watched(part, running.stop) for part in self._parts(running)]
        relay, relay_stop = Relay(self.settings, role=self.role("worker")), asyncio.Event()
        self.health.add("relay", _reason(relay))
        relaying = asyncio.create_task(relay.run(relay_stop), name="relay")
        log.info("started", http=f"{self.settings.http_host}:{self.settings.http_port}")
        await running.stop.wait()
        log.info("stopping")
        await _finish(parts, self.settings.graceful_timeout_s + 5.0)
        relay_stop.set()
        await _finish([relaying], self.settings.graceful_timeout_s)

    def _parts(self, running: Running) -> "Iterator[asyncio.Task[None]]":
        db, stop = running.worker_db, running.stop
        yield asyncio.create_task(housekeeping.run(db, self.settings, stop), name="housekeeping")
        yield asyncio.create_task(observing.run(db, self.health, stop), name="observing")
        yield asyncio.create_task(observing.watch_loop(stop), name="loop delay")
        if self._handlers is not None and self._handlers.topics:
            consumer = Consumer(self.settings, db=db, handlers=self._handlers)
            self.health.add("consumer", _reason(consumer))
            yield asyncio.create_task(consumer.run(stop), name="consumer")
        if self._due is not None:
            yield asyncio.create_task(Clock(db, self._due).run(stop), name="clock")
        for worker in self._workers:
            yield asyncio.create_task(self._restarting(worker, running), name="worker")

    async def _restarting(self, worker: Worker, running: Running) -> None:
        name = getattr(worker, "__qualname__", type(worker).__name__)
        backoff = Backoff(first_s=0.5, longest_s=30.0)
        while not running.stop.is_set():
            try:
                await worker(running)
                await running.stop.wait()
            except Exception:
                telemetry.WORKER_CRASHES.labels(name).inc()
                log.exception("worker ended in an error; starting it again", worker=name)
                await pause(running.stop, backoff.next_s())


def _version(package: str) -> str:
    try:
        return version(package.replace("_", "-"))
    except PackageNotFoundError:  # a service of the tests
        return "unknown"


def _reason(part: Relay | Consumer) -> "Callable[[], Awaitable[str | None]]":
    async def check() -> str | None:
        return part.reason

    return check


async def _finish(tasks: "Sequence[asyncio.Task[None]]", timeout_s: float) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=timeout_s)
    for task in late:
        log.warning("a part did not finish in time")
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=5.0)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
