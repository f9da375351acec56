"""Keeping a form whose session was over, for the person whose session it was."""

from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub_chassis.database import Database
from hub_registry.errors import NotSignedIn
from hub_registry.kept_forms import repository
from hub_registry.kept_forms.repository import KeptForm
from hub_registry.sessions.repository import whose_session
from hub_registry.web import cookies, csrf
from hub_registry.web.forms import Form
from hub_registry.web.signing_in.addresses import KEPT, own_page
from hub_schemas.ids import HubId, StaffId, new_id

Whose = tuple[HubId, StaffId]
MOST: Final = 20
"""Forms kept for one person: more are not sent by hand in an hour."""


async def whose(request: Request) -> Whose | None:
    """Say whose session it was that is over; None when nobody's."""
    secret = cookies.session_secret(request)
    if not secret:
        return None
    door: Database = request.app.state.databases["door"]
    async with door.connection() as conn:
        return await whose_session(conn, secret)


async def keep(request: Request, form: Form, whose: Whose) -> Response:
    """Keep the form and send its person to sign in; they come back to a page that sends it.

    Only a form of a page of that very session is kept: nobody else can leave something here for a person to send.

    Raises:
        ForgedForm: it is not from a page of that session.
        NotSignedIn: too many are kept already.
    """
    csrf.must_match(cookies.session_secret(request) or "", form.text(csrf.FIELD))
    door: Database = request.app.state.databases["door"]
    kept = KeptForm(new_id(), _address(request), _came_from(request), form.fields, await _had_files(request))
    async with door.transaction() as tx:
        if await repository.count_kept(tx.conn, whose[1]) >= MOST:
            raise NotSignedIn("your session is over: sign in again, then send this once more")
        await repository.add_kept(tx.conn, kept, hub_id=whose[0], staff_id=whose[1])
    back = urlencode({"next": f"{KEPT}/{kept.kept_id}"})
    response = RedirectResponse(f"/sign-in?{back}", status_code=303)
    cookies.say_once(request, response, "Your session was over. What you typed is kept: sign in, then send it again.")
    return response


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _came_from(request: Request) -> str:
    """The page of the form, as far as the browser says; only ever one of ours."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host"):
        return "/"
    return own_page(parts.path + (f"?{parts.query}" if parts.query else ""))


async def _had_files(request: Request) -> bool:
    sent = await request.form()
    return any(isinstance(value, UploadFile) and bool(value.filename) for _, value in sent.multi_items())
