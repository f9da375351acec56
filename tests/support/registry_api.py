"""The registry's internal API, as far as the notifier asks it: a real HTTP server on a real port, with made-up answers.

It answers by the same rules as the registry (bearer token; 404 for what it doesn't know; the result hash of the run
asked for), and can be held, go away and come back on its port, and answer late.
"""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Self
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Query, Request
from starlette.responses import JSONResponse, Response

from hub_deploy.embedded.process import free_port

Ids = Annotated[Sequence[str], Query(max_length=100)]
TOKEN = "demo-notifier-tests"  # noqa: S105 - of a server that lives as long as a test


@dataclass
class Told:
    """One recipient: where it is reached and what it is shown."""

    kind: str
    recipient_id: str
    address: dict[str, str]
    view: dict[str, Any]


@dataclass
class PublishedRun:
    """A run as the registry knows it; without a round: a request to write to one person."""

    round_id: UUID | None
    run_id: UUID
    result_sha256: str
    told: list[Told] = field(default_factory=list)
    superseded: bool = False


class RegistryApi:
    """Serves what it was given; ``async with RegistryApi() as registry``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.runs: dict[UUID, PublishedRun] = {}
        self.held = False
        self.asked: list[str] = []
        self.looked: list[str] = []
        self.gone: set[str] = set()
        self.links = 0
        self.answering = asyncio.Event()
        self.answering.set()
        self.looking = asyncio.Event()
        self.looking.set()
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, run: PublishedRun) -> None:
        """Know a run from now on."""
        self.runs[run.run_id] = run

    async def start(self) -> None:
        """Listen; returns when it does."""
        config = uvicorn.Config(self._app(), port=self.port, log_config=None, access_log=False, lifespan="off")
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        await self._server.listening.wait()

    async def stop(self) -> None:
        """Go away; connections in use are cut."""
        if self._server is not None and self._serving is not None:
            self.answering.set()
            self.looking.set()
            self._server.should_exit = self._server.force_exit = True
            await self._serving
            self._server = self._serving = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/internal/v1/rounds/{round_id}/recipients")
        async def recipients(request: Request, round_id: UUID, run_id: UUID) -> Response:
            run = await self._find(request, round_id, run_id)
            if isinstance(run, Response):
                return run
            listed = [{"recipient_id": told.recipient_id, "kind": told.kind} for told in run.told]
            return self._answer(run, {"recipients": listed})

        @app.get("/internal/v1/rounds/{round_id}/chases")
        @app.get("/internal/v1/rounds/{round_id}/notices")
        async def notices(
            request: Request, round_id: UUID, run_id: UUID, adviser: Ids = (), employer: Ids = ()
        ) -> Response:
            run = await self._find(request, round_id, run_id)
            if isinstance(run, Response):
                return run
            self.looked += [*adviser, *employer]
            await self.looking.wait()
            wanted = {("adviser", one) for one in adviser} | {("employer", one) for one in employer}
            shown = [
                {"recipient_id": told.recipient_id, "kind": told.kind, "address": told.address, "view": told.view}
                for told in run.told
                if (told.kind, told.recipient_id) in wanted and told.recipient_id not in self.gone
            ]
            return self._answer(run, {"notices": shown})

        @app.post("/internal/v1/notice-requests/{request_id}")
        async def request_of(request: Request, request_id: UUID) -> Response:
            run = await self._find(request, None, request_id)
            if isinstance(run, Response):
                return run
            [told] = run.told
            # As the registry does: each answer has a link of its own.
            self.links += 1
            view = {**told.view, "link": f"{told.view['link']}{self.links}"}
            notice = {"recipient_id": told.recipient_id, "kind": told.kind, "address": told.address, "view": view}
            return self._answer(run, {"notices": [notice]})

        return app

    async def _find(self, request: Request, round_id: UUID | None, run_id: UUID) -> PublishedRun | Response:
        self.asked.append(request.url.path)
        await self.answering.wait()
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"status": 401}, status_code=401)
        run = self.runs.get(run_id)
        if run is None or run.round_id != round_id:
            return JSONResponse({"status": 404}, status_code=404)
        return JSONResponse({"status": 409}, status_code=409) if run.superseded else run

    def _answer(self, run: PublishedRun, rest: dict[str, Any]) -> Response:
        return JSONResponse({"result_sha256": run.result_sha256, "held": self.held, **rest})


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the tests."""
        yield
