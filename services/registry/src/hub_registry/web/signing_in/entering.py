"""From a visit to a session: where to go next, and letting somebody in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hub_chassis.database import Database
from hub_registry import metrics
from hub_registry.access.principal import How
from hub_registry.access.secrets import new_secret
from hub_registry.accounts.repository import Person
from hub_registry.browsers.repository import add_browser, knows_account
from hub_registry.errors import NotSignedIn
from hub_registry.kept_forms.repository import whose
from hub_registry.providers import repository as providers
from hub_registry.sessions import repository as sessions
from hub_registry.sessions.model import Session
from hub_registry.sessions.service import begin_session
from hub_registry.settings import Settings
from hub_registry.visits import repository, service
from hub_registry.visits.model import Choose, Done, NeedsInvitation, Nobody, SetUpCodes, ShowCode, Visit
from hub_registry.web import cookies
from hub_registry.web.page import page, redirect
from hub_registry.web.signing_in.addresses import kept_form_of


def door_of(request: Request) -> Database:
    """Give the database as the role that signs people in."""
    door: Database = request.app.state.databases["door"]
    return door


async def go_on(request: Request, secret: str) -> Response:
    """Send somebody to what they have to show next, or let them in."""
    visit, step = await service.where(door_of(request), secret)
    match step:
        case ShowCode():
            return _to(request, secret, "/sign-in/code")
        case SetUpCodes():
            return _to(request, secret, "/sign-in/codes")
        case Choose(people=people):
            if (staff_id := await _of_kept_form(request, visit, people)) is not None:
                await service.choose(door_of(request), secret, visit, staff_id)
                return await go_on(request, secret)
            return _to(request, secret, "/sign-in/choose")
        case Done(person=person):
            return await _let_in(request, secret, person)
        case NeedsInvitation() | Nobody():
            metrics.SIGN_INS.labels(visit.how or "", "refused").inc()
            return page(request, "signing_in/not_yet.html", status=403, needs_codes=isinstance(step, NeedsInvitation))


async def _of_kept_form(request: Request, visit: Visit, people: Sequence[Person]) -> UUID | None:
    """Whom a form that waits to be sent again belongs to: nobody needs to choose then."""
    kept_id = kept_form_of(visit.next_page)
    if kept_id is None:
        return None
    async with door_of(request).connection() as conn:
        staff_id = await whose(conn, kept_id)
    return staff_id if any(one.principal.staff_id == staff_id for one in people) else None


def _to(request: Request, secret: str, address: str) -> Response:
    response = redirect(request, address)
    cookies.keep_visit(request, response, secret)
    return response


async def _let_in(request: Request, secret: str, person: Person) -> Response:
    async with door_of(request).transaction() as tx:
        visit = await repository.find_visit(tx.conn, secret, take=True)
    if visit is None or visit.how is None:
        raise NotSignedIn("signing in took too long: begin again")
    entering = Entering(visit.how, visit.second_factor, visit.id_token)
    return await let_in(request, person, entering, redirect(request, visit.next_page))


@dataclass(frozen=True, slots=True)
class Entering:
    """How somebody comes in."""

    how: How
    second_factor: bool
    id_token: str | None = None
    """What the provider gave; who comes in anew from a session of the provider's keeps the one that it had."""


async def let_in(request: Request, person: Person, entering: Entering, response: Response) -> Response:
    """Begin a session under a new secret, end the one that this browser had, and know the browser from now on."""
    settings: Settings = request.app.state.settings
    door = door_of(request)
    before: Session | None = request.state.session
    session = await begin_session(
        door,
        person.principal,
        how=entering.how,
        second_factor=entering.second_factor,
        agent=request.headers.get("user-agent", ""),
        lasts=timedelta(hours=settings.session_hours),
        account_id=person.account_id,
    )
    async with door.transaction() as tx:
        if entering.id_token is not None:
            await providers.keep(tx.conn, session.session_id, entering.id_token)
        elif before is not None and entering.how is How.PROVIDER:
            await providers.move(tx.conn, before.session_id, session.session_id)
        if before is not None:
            await sessions.end_session(tx.conn, before.session_id)
        browser = cookies.browser_secret(request)
        if browser is None or not await knows_account(tx.conn, browser, person.account_id):
            browser = new_secret()
        await add_browser(tx.conn, browser, person.account_id)
    cookies.keep_session(request, response, session.secret)
    cookies.keep_browser(request, response, browser)
    cookies.forget_visit(request, response)
    metrics.SIGN_INS.labels(entering.how, "in").inc()
    return response
