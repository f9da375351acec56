"""How a page's request runs: session, form, CSRF, one scoped transaction, commit, answer.

``router = APIRouter(route_class=PageRoute)`` gives every operation ``tx: Tx``, ``me: Me`` and ``form: Sent`` (of a form
that was sent). What is refused becomes a page; a person who is not signed in goes to sign in and comes back. A form
that is sent twice (double click, back button) takes effect once: its ``request_key`` and fields are an idempotency key.
"""

import hashlib
import json
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from hub_chassis.database import Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import How, Principal
from hub_registry.access.secrets import new_secret
from hub_registry.api import idempotency
from hub_registry.api.nul import refuse_in_address
from hub_registry.errors import NotSignedIn, RegistryError, TooLarge
from hub_registry.sessions.model import Session
from hub_registry.sessions.repository import find_session
from hub_registry.settings import Settings
from hub_registry.web import cookies, csrf, keeping
from hub_registry.web.forms import Form
from hub_registry.web.refusals import refusal

SAFE: Final = frozenset({"GET", "HEAD"})
FORM_BYTES: Final = 1_000_000
"""Largest form without a file; a class with a file has the import's limit."""
MOST_FIELDS: Final = 10_000
SENT: Final = 303
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A page for who is signed in."""

    database: str = "app"
    for_anybody: bool = False
    keeps: bool = True
    """Whether a form is kept that was sent when the session was over."""

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await self._run(request, inner)
            except NotSignedIn:
                return await self._sign_in_first(request)
            except RegistryError as refused:
                return refusal(request, refused)
            finally:
                await request.close()  # the files of its form

        return handler

    async def _run(self, request: Request, inner: Handler) -> Response:
        databases: dict[str, Database] = request.app.state.databases
        refuse_in_address(request)
        session = request.state.session = await session_of(request)
        if session is None and not self.for_anybody:
            raise NotSignedIn("sign in first")
        # Who is not signed in has something of their own too, or another site could sign them in as somebody else.
        visit = request.state.visit = None if session else cookies.visit_secret(request) or new_secret()
        if request.method not in SAFE:
            csrf.must_be_ours(request)
            request.state.form = await self._form(request, limit_bytes=self._limit(request))
            csrf.must_match(session.secret if session else visit or "", request.state.form.text(csrf.FIELD))
        if session is None:
            return await inner(request)
        me = session.principal
        async with databases[self.database].transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
            request.state.tx = tx
            key = "" if request.method in SAFE else request.state.form.text("request_key")
            return await (self._once(request, inner, tx, key) if key else inner(request))

    def _limit(self, request: Request) -> int:
        settings: Settings = request.app.state.settings
        return settings.import_limit_bytes if self.database == "import" else FORM_BYTES

    async def _form(self, request: Request, *, limit_bytes: int) -> Form:
        said = request.headers.get("content-length", "")
        if not said.isdigit() or int(said) > limit_bytes:
            raise TooLarge(f"what you sent is larger than {limit_bytes:,} bytes", limit_bytes=limit_bytes)
        data: FormData = await request.form(max_fields=MOST_FIELDS, max_part_size=limit_bytes)
        return Form.of(data)

    async def _once(self, request: Request, inner: Handler, tx: Transaction, key: str) -> Response:
        """Let a form take effect once; sent again with other fields it is another form."""
        me: Principal = request.state.session.principal
        what = await _digest(request)
        wait_s = request.app.state.settings.key_wait_s
        key = f"page {key[:100]} {what.hex()[:32]}"
        claim = await idempotency.claim(tx, me.staff_id, key, what, wait_s=wait_s)
        if claim is not None and claim.status_code == SENT:
            return claim
        response = await inner(request)
        if response.status_code == SENT:
            await idempotency.keep(tx, me.staff_id, key, response)
        else:
            await idempotency.release(tx, me.staff_id, key)
        return response

    async def _sign_in_first(self, request: Request) -> Response:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method in SAFE:
            return RedirectResponse(f"/sign-in?{urlencode({'next': back})}", status_code=303)
        try:
            whose = await keeping.whose(request) if self.keeps else None
            if whose is None:
                raise NotSignedIn("your session is over: sign in again, then send this once more")
            csrf.must_be_ours(request)
            return await keeping.keep(request, await self._form(request, limit_bytes=self._limit(request)), whose)
        except RegistryError as refused:
            return refusal(request, refused)


class UploadPage(PageRoute):
    """A page that takes a file: its transaction runs under the role of imports."""

    database = "import"


class OpenPage(PageRoute):
    """A page for anybody; whoever is signed in is known, nobody has to be."""

    for_anybody = True
    keeps = False


class SecretPage(PageRoute):
    """A page whose forms hold passwords or codes: these are kept nowhere."""

    keeps = False


def address_of(request: Request) -> str:
    """Where a request comes from, as far as the server knows; a proxy in front is named by FORWARDED_ALLOW_IPS."""
    return request.client.host if request.client else ""


async def session_of(request: Request) -> Session | None:
    """Find the session of the browser's cookie; None when there is none, or it is over."""
    secret = cookies.session_secret(request)
    if not secret:
        return None
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.databases["app"]
    async with database.connection() as conn:
        found = await find_session(conn, secret, idle=timedelta(minutes=settings.session_idle_minutes))
    # A session that the demo gave to anybody is worth nothing once the same database is used in earnest.
    return None if found and found.how is How.DEMO and not settings.demo else found


async def _digest(request: Request) -> bytes:
    form: Form = request.state.form
    said = hashlib.sha256(f"{request.url.path}\n{request.url.query}\n".encode())
    said.update(json.dumps([[name, list(values)] for name, values in form.fields.items()]).encode())
    for _, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            while part := await value.read(1 << 20):
                said.update(part)
            await value.seek(0)
    return said.digest()


def _tx(request: Request) -> Transaction:
    tx: Transaction = request.state.tx
    return tx


def _me(request: Request) -> Principal:
    session: Session = request.state.session
    return session.principal


def _sent(request: Request) -> Form:
    form: Form = request.state.form
    return form


Tx = Annotated[Transaction, Depends(_tx)]
Me = Annotated[Principal, Depends(_me)]
Sent = Annotated[Form, Depends(_sent)]
