"""The page that an invitation leads to: choose a password, set up one-time codes, come in."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry import metrics
from hub_registry.access.principal import How, Role
from hub_registry.accounts import repository as accounts
from hub_registry.accounts.model import is_totp_secret, new_totp_secret
from hub_registry.attempts.model import counts_of_code
from hub_registry.attempts.service import count_try, succeeded
from hub_registry.errors import Finding, Invalid, TooManyTries
from hub_registry.invitations import service
from hub_registry.invitations.repository import Invitation
from hub_registry.invitations.service import Accepted, Wishes
from hub_registry.web.forms import Form
from hub_registry.web.page import page, redirect
from hub_registry.web.route import OpenPage, Sent
from hub_registry.web.signing_in.entering import Entering, door_of, let_in
from hub_registry.web.signing_in.picture import picture

router = APIRouter(route_class=OpenPage)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page of an invitation asks for besides a password."""

    invitation: Invitation
    has_codes: bool
    """The account has codes that stay: one of them is asked for."""
    must_have_codes: bool
    """Codes are to be set up here."""


@router.get("/invitation/{secret}")
async def show_invitation(request: Request, secret: str) -> Response:
    """Show whom the invitation is for, and what they have to choose."""
    return _show(request, await _asked(request, secret), totp_secret=new_totp_secret())


@router.post("/invitation/{secret}")
async def accept_invitation(request: Request, secret: str, form: Sent) -> Response:
    """Use the invitation and sign in."""
    asked = await _asked(request, secret)
    try:
        wishes = _wishes(form, asked)
        accepted = await _accept(request, secret, asked, wishes)
    except Invalid as refused:
        return _show(request, asked, totp_secret=form.text("totp_secret"), refused=refused)
    except TooManyTries as slow:
        told = Invalid(slow.detail)
        return _show(request, asked, totp_secret=form.text("totp_secret"), refused=told, status=429)
    metrics.INVITATIONS.labels("used").inc()
    return await _welcome(request, accepted)


async def _asked(request: Request, secret: str) -> Asked:
    found = await service.open_invitation(door_of(request), secret)
    async with door_of(request).connection() as conn:
        mine = [one for one in await accounts.find_accounts(conn, found.email) if one.hub_id == found.hub_id]
        must = await service.needs_codes(conn, found, mine[0] if mine else None)
    has_codes = bool(mine and mine[0].totp_secret and not found.resets_codes)
    return Asked(found, has_codes=has_codes, must_have_codes=must and not has_codes)


def _wishes(form: Form, asked: Asked) -> Wishes:
    password, code = form.text("password"), form.text("code")
    wants_codes = asked.must_have_codes or (not asked.has_codes and bool(code))
    if asked.must_have_codes and not code:
        raise Invalid("code needed", [Finding("enter the six figures that your app shows", field="code")])
    if not password:
        raise Invalid("password needed", [Finding("choose a password", field="password")])
    return Wishes(password, code, form.text("totp_secret") if wants_codes else None)


async def _accept(request: Request, secret: str, asked: Asked, wishes: Wishes) -> Accepted:
    door = door_of(request)
    counts = counts_of_code(f"invitation {asked.invitation.invitation_id}", browser=None) if asked.has_codes else ()
    if counts:
        await count_try(door, counts)
    accepted = await service.accept(door, secret, wishes)
    if counts:
        await succeeded(door, counts)
    return accepted


def _show(
    request: Request, asked: Asked, *, totp_secret: str, refused: Invalid | None = None, status: int | None = None
) -> Response:
    totp_secret = totp_secret if is_totp_secret(totp_secret) else new_totp_secret()
    return page(
        request,
        "signing_in/invitation.html",
        asked=asked,
        is_hub=asked.invitation.role is Role.HUB,
        totp_secret=totp_secret,
        picture=picture(totp_secret, email=asked.invitation.email),
        refused=refused,
        status=status,
    )


async def _welcome(request: Request, accepted: Accepted) -> Response:
    async with door_of(request).connection() as conn:
        people = await accounts.people_of(conn, [accepted.account.account_id])
    person = next(one for one in people if one.principal.staff_id == accepted.staff_id)
    entering = Entering(How.PASSWORD, accepted.second_factor)
    if not accepted.recovery_codes:
        return await let_in(request, person, entering, redirect(request, "/", said="You are signed in."))
    response = page(request, "signing_in/recovery_codes.html", codes=accepted.recovery_codes, to="/")
    return await let_in(request, person, entering, response)
