"""One's own account: where one is signed in, password, one-time codes, changing over to another role."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry.access.principal import How, Role
from hub_registry.accounts import repository, service
from hub_registry.accounts.model import is_totp_secret, new_totp_secret
from hub_registry.accounts.repository import Account, Person
from hub_registry.errors import Invalid, NotKnown, TooManyTries
from hub_registry.sessions.model import Session
from hub_registry.sessions.repository import end_sessions, open_sessions
from hub_registry.settings import Settings
from hub_registry.visits.model import Visit
from hub_registry.visits.service import begin
from hub_registry.web import cookies
from hub_registry.web.page import page, redirect
from hub_registry.web.route import Me, SecretPage, Sent
from hub_registry.web.signing_in.entering import Entering, door_of, go_on, let_in
from hub_registry.web.signing_in.picture import picture

router = APIRouter(route_class=SecretPage)


@router.get("/account")
async def show(request: Request, me: Me) -> Response:
    """Show the open sessions, and what can be changed."""
    settings: Settings = request.app.state.settings
    account = await _account(request)
    idle = timedelta(minutes=settings.session_idle_minutes)
    async with door_of(request).connection() as conn:
        account_id = account.account_id if account else None
        sessions = await open_sessions(conn, me.staff_id, account_id=account_id, idle=idle)
        people = await repository.people_of(conn, [account.account_id]) if account else []
        left = await repository.count_recovery_codes(conn, account.account_id) if account else 0
    others = [person for person in people if person.principal.staff_id != me.staff_id]
    return page(
        request,
        "account/show.html",
        account=account,
        sessions=sessions,
        others=others,
        codes_left=left,
        is_hub=any(person.principal.role is Role.HUB for person in people),
        current=request.state.session.session_id,
    )


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request, me: Me) -> Response:
    """End every session, this one too."""
    account = await _account(request)
    if account is not None:
        await service.sign_out_everywhere(door_of(request), account)
    async with door_of(request).transaction() as tx:
        await end_sessions(tx.conn, me.staff_id)
    response = redirect(request, "/sign-in", said="You are signed out everywhere.")
    cookies.forget_session(request, response)
    return response


@router.get("/account/password")
async def show_password(request: Request) -> Response:
    """Offer the form of a new password."""
    await _must_have(request)
    return page(request, "account/password.html")


@router.post("/account/password")
async def change_password(request: Request, me: Me, form: Sent) -> Response:
    """Take a new password; this browser gets a new session, every other one ends."""
    account = await _must_have(request)
    try:
        await service.change_password(door_of(request), me, account, old=form.text("old"), new=form.text("password"))
    except Invalid as refused:
        return page(request, "account/password.html", refused=refused)
    except TooManyTries as slow:
        return page(request, "account/password.html", refused=Invalid(slow.detail), status=429)
    return await _again(request, account, redirect(request, "/account", said="Your password was changed."))


@router.get("/account/codes")
async def show_codes(request: Request) -> Response:
    """Offer to switch one-time codes on or off."""
    return _codes(request, await _must_have(request), new_totp_secret())


@router.post("/account/codes/on")
async def switch_on(request: Request, me: Me, form: Sent) -> Response:
    """Switch one-time codes on and show the recovery codes."""
    account, secret = await _must_have(request), form.text("totp_secret")
    try:
        codes = await service.switch_codes_on(
            door_of(request), me, account, secret, code=form.text("code"), password=form.text("password")
        )
    except Invalid as refused:
        return _codes(request, account, secret, refused=refused)
    except TooManyTries as slow:
        return _codes(request, account, secret, refused=Invalid(slow.detail), status=429)
    response = page(request, "signing_in/recovery_codes.html", codes=codes, to="/account")
    return await _again(request, account, response, second_factor=True)


@router.post("/account/codes/off")
async def switch_off(request: Request, me: Me, form: Sent) -> Response:
    """Switch one-time codes off."""
    account = await _must_have(request)
    try:
        await service.switch_codes_off(door_of(request), me, account, code=form.text("code"))
    except Invalid as refused:
        return _codes(request, account, new_totp_secret(), refused=refused)
    except TooManyTries as slow:
        return _codes(request, account, new_totp_secret(), refused=Invalid(slow.detail), status=429)
    return redirect(request, "/account", said="One-time codes are off.")


@router.post("/account/change-over")
async def change_over(request: Request, form: Sent) -> Response:
    """Go on as another member of staff with the same address; a coordinator shows a code first."""
    account = await _must_have(request)
    session: Session = request.state.session
    person = next((one for one in await _people(request, account) if str(_id(one)) == form.text("staff_id")), None)
    if person is None:
        raise NotKnown("there is no such person")
    if session.second_factor or (person.principal.role is not Role.HUB and account.totp_secret is None):
        entering = Entering(session.how, session.second_factor)
        return await let_in(request, person, entering, redirect(request, "/", said=f"You are at {person.place} now."))
    visit = Visit((account.account_id,), session.how, staff_id=person.principal.staff_id)
    return await go_on(request, await begin(door_of(request), visit))


async def _again(request: Request, account: Account, response: Response, *, second_factor: bool = False) -> Response:
    """Every session has ended: begin a new one for this browser."""
    session: Session = request.state.session
    person = next(one for one in await _people(request, account) if _id(one) == session.principal.staff_id)
    entering = Entering(session.how, session.second_factor or second_factor)
    return await let_in(request, person, entering, response)


def _codes(
    request: Request, account: Account, secret: str, *, refused: Invalid | None = None, status: int | None = None
) -> Response:
    secret = secret if is_totp_secret(secret) else new_totp_secret()
    shown = picture(secret, email=account.email)
    return page(
        request,
        "account/codes.html",
        account=account,
        picture=shown,
        totp_secret=secret,
        refused=refused,
        status=status,
    )


async def _account(request: Request) -> Account | None:
    async with door_of(request).connection() as conn:
        return await repository.account_of_session(conn, request.state.session.session_id)


async def _must_have(request: Request) -> Account:
    account = await _account(request)
    if account is None or request.state.session.how is How.DEMO:
        raise NotKnown("who came in by the demo's door has no account")
    return account


async def _people(request: Request, account: Account) -> list[Person]:
    async with door_of(request).connection() as conn:
        return await repository.people_of(conn, [account.account_id])


def _id(person: Person) -> object:
    return person.principal.staff_id
