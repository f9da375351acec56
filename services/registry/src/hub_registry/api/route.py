"""How a request runs: token, body, one scoped transaction, the answer kept under its idempotency key, commit, answer.

``router = APIRouter(route_class=ScopedRoute)`` gives every operation a transaction as ``tx: Tx`` and the caller as
``caller: Caller``. The answer is sent only after the commit. An operation that takes a file uses ``UploadRoute`` and
``upload: Upload``: the file is received (and counted, and hashed) before the transaction begins, and the
transaction runs under the role of imports.
"""

import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from hub_chassis.database import Database
from hub_chassis.transaction import Transaction
from hub_registry.access.authentication import authenticate
from hub_registry.access.principal import Principal, Scope
from hub_registry.api import idempotency
from hub_registry.api.body import receive, receive_json
from hub_registry.api.nul import refuse_in_address, refuse_in_json
from hub_registry.errors import NotAuthenticated
from hub_registry.imports.upload import Received
from hub_registry.settings import Settings

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER: Final = HTTPBearer(auto_error=False, description="A token made by `hub token create` or the staff resource")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ScopedRoute(APIRoute):
    """An operation in a transaction that sees what its caller may see."""

    database: str = "app"

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await _run(request, inner, receive=self._receive, database=self.database)

        return handler

    async def _receive(self, request: Request) -> bytes:
        """Read the body and give its SHA-256."""
        settings: Settings = request.app.state.settings
        body = await receive_json(request, limit_bytes=settings.body_limit_bytes)
        refuse_in_json(body)
        return hashlib.sha256(body).digest()


class UploadRoute(ScopedRoute):
    """An operation that takes a file, as the body or as the first file of a multipart form."""

    database = "import"

    async def _receive(self, request: Request) -> bytes:
        settings: Settings = request.app.state.settings
        request.state.upload = await receive(request, limit_bytes=settings.import_limit_bytes)
        return bytes.fromhex(request.state.upload.sha256)


async def _run(
    request: Request, inner: Handler, *, receive: Callable[[Request], Awaitable[bytes]], database: str
) -> Response:
    databases: dict[str, Database] = request.app.state.databases
    principal = await _principal(request, databases["app"])
    principal.must_have(Scope.READ if request.method in SAFE else _scope(request, database))
    refuse_in_address(request)
    digest = b""
    try:
        if request.method not in SAFE:
            digest = await receive(request)
        async with databases[database].transaction(hub_id=principal.hub_id, scope=principal.settings()) as tx:
            request.state.tx = tx
            key = None if request.method in SAFE else request.headers.get("idempotency-key")
            if key is None:
                return await inner(request)
            wait_s = request.app.state.settings.key_wait_s
            claim = await idempotency.claim(tx, principal.staff_id, key, _what(request, digest), wait_s=wait_s)
            if claim is not None:
                return claim
            response = await inner(request)
            await idempotency.keep(tx, principal.staff_id, key, response)
            return response
    finally:
        if upload := getattr(request.state, "upload", None):
            upload.close()


def _scope(request: Request, database: str) -> Scope:
    if database == "import":
        return Scope.IMPORT
    return Scope.APPROVE if request.url.path.endswith("/approvals") else Scope.WRITE


async def _principal(request: Request, database: Database) -> Principal:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAuthenticated("send a token: Authorization: Bearer …")
    async with database.connection() as conn:
        principal = await authenticate(conn, secret.strip())
    request.state.principal = principal
    return principal


def _what(request: Request, digest: bytes) -> bytes:
    """Give the SHA-256 of what is asked: method, path, query and body."""
    said = f"{request.method}\n{request.url.path}\n{request.url.query}\n".encode()
    return hashlib.sha256(said + digest).digest()


def _tx(request: Request, _documented: Annotated[object, Depends(_BEARER)]) -> Transaction:
    tx: Transaction = request.state.tx
    return tx


def _caller(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal


def _upload(request: Request) -> Received:
    upload: Received = request.state.upload
    return upload


Tx = Annotated[Transaction, Depends(_tx)]
Caller = Annotated[Principal, Depends(_caller)]
Upload = Annotated[Received, Depends(_upload)]
