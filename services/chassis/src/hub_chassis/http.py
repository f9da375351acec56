"""HTTP around a service's own app: health, metrics, correlation, and 503 while the database is away."""

import json
import time
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from opentelemetry.trace import Span, SpanKind, StatusCode
from starlette.responses import Response

from hub_chassis import correlation, telemetry, tracing
from hub_chassis.errors import DatabaseAway
from hub_chassis.health import Health

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

RETRY_AFTER_S = 2
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Anybody can invent others: each would be a time series of its own."""
NEEDED_FOR_HTTP = frozenset({"database"})
"""While Kafka is away the API goes on (the outbox queues): a load balancer asks /health/ready/http."""


def problem(status: int, title: str, *, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    """An error as RFC 9457 problem+json; carries the correlation id so that a caller can name it."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if (correlation_id := correlation.current()) is not None:
        body["correlation_id"] = str(correlation_id)
    content = json.dumps(body)
    return Response(content, status_code=status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer 503 when a request finds the database away."""

    async def away(_request: Request, _error: Exception) -> Response:
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        return problem(503, "The database can't be reached now", detail="Try again in a moment.", headers=headers)

    app.add_exception_handler(DatabaseAway, away)


class Around:
    """The outermost ASGI layer: answers health and metrics itself, measures and correlates the rest."""

    def __init__(self, app: "ASGIApp", *, health: Health) -> None:
        self._app = app
        self._health = health
        self.starting = True

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = tracing.parse(_header(scope, tracing.HEADER))
        correlation_id, caller = known or (correlation.parse(_header(scope, correlation.HEADER)), None)
        with correlation.correlated(correlation_id):
            own = await self._own(scope["path"])
            if own is not None:
                await own(scope, receive, send)
                return
            with tracing.span(scope["method"], SpanKind.SERVER, cause=caller) as span:
                await self._measured(scope, receive, send, span)

    async def _own(self, path: str) -> Response | None:
        match path:
            case "/health/live":
                return _json(200, {"status": "live"})
            case "/health/ready":
                return await self._ready(None)
            case "/health/ready/http":
                return await self._ready(NEEDED_FOR_HTTP)
            case "/metrics":
                return Response(telemetry.exposition(), headers={"Content-Type": telemetry.CONTENT_TYPE})
            case _ if self.starting:
                return problem(503, "The service is starting", headers={"Retry-After": str(RETRY_AFTER_S)})
            case _:
                return None

    async def _ready(self, only: frozenset[str] | None) -> Response:
        reasons = await self._health.reasons(only)
        if self.starting:
            reasons["start"] = "migrations have not run yet"
        status = "not ready" if reasons else "ready"
        return _json(503 if reasons else 200, {"status": status, "reasons": reasons})

    async def _measured(self, scope: "Scope", receive: "Receive", send: "Send", span: Span) -> None:
        began = time.perf_counter()
        answered_s: float | None = None
        status = 500
        correlation_id = str(correlation.current()).encode()

        async def observed(message: "Message") -> None:
            nonlocal status, answered_s
            if message["type"] == "http.response.start":
                status, answered_s = message["status"], time.perf_counter() - began
                message["headers"] = [
                    *message.get("headers", ()),
                    (correlation.HEADER.lower().encode(), correlation_id),
                ]
            await send(message)

        try:
            with telemetry.HTTP_IN_PROGRESS.track_inprogress():
                await self._app(scope, receive, observed)
        finally:
            route = template(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            # Until the answer began: a page that is kept up to date stays open for as long as somebody looks at it.
            took_s = time.perf_counter() - began if answered_s is None else answered_s
            telemetry.HTTP_REQUESTS.labels(method, route, str(status)).inc()
            telemetry.HTTP_SECONDS.labels(method, route).observe(took_s)
            span.update_name(f"{method} {route}")
            span.set_attributes(
                {"http.request.method": method, "http.route": route, "http.response.status_code": status}
            )
            if status >= 500:
                span.set_status(StatusCode.ERROR)


def template(scope: "Scope") -> str:
    """The path with names in the place of values, which may be secrets; a route knows only its own end of it."""
    own: str = getattr(scope.get("route"), "path", "unknown")
    if not own.startswith("/") or ":path" in own:
        return own
    parts = scope["path"].split("/")
    return "/".join(parts[: len(parts) - own.count("/")]) + own


def _header(scope: "Scope", name: str) -> str | None:
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for header, value in scope["headers"] if header == wanted), None)


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), status_code=status, media_type="application/json")
