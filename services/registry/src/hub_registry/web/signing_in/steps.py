"""What comes between a right password (or the provider's word) and a session: a code, codes to set up, a choice."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_registry import metrics
from hub_registry.accounts.model import new_totp_secret
from hub_registry.accounts.repository import Account
from hub_registry.errors import Invalid, NotSignedIn, TooManyTries
from hub_registry.visits import service
from hub_registry.visits.model import Choose, SetUpCodes, ShowCode, Step, Visit
from hub_registry.web import cookies
from hub_registry.web.page import page
from hub_registry.web.route import OpenPage, Sent
from hub_registry.web.signing_in.entering import door_of, go_on
from hub_registry.web.signing_in.picture import picture

router = APIRouter(route_class=OpenPage)


@router.get("/sign-in/code")
async def show_code_page(request: Request) -> Response:
    """Ask for a one-time code."""
    _, _, step = await _at(request)
    return _code_page(request) if isinstance(step, ShowCode) else await _elsewhere(request)


@router.post("/sign-in/code")
async def send_code(request: Request, form: Sent) -> Response:
    """Take a one-time code, or a recovery code."""
    secret, visit, step = await _at(request)
    if not isinstance(step, ShowCode):
        return await _elsewhere(request)
    browser = cookies.browser_secret(request)
    try:
        await service.show_code(door_of(request), secret, visit, step.account, form.text("code"), browser=browser)
    except Invalid as refused:
        metrics.SIGN_INS.labels(visit.how or "", "wrong code").inc()
        return _code_page(request, refused=refused)
    except TooManyTries as slow:
        metrics.SIGN_INS.labels(visit.how or "", "slowed").inc()
        return _code_page(request, refused=Invalid(slow.detail), status=429)
    return await go_on(request, secret)


def _code_page(request: Request, *, refused: Invalid | None = None, status: int | None = None) -> Response:
    return page(request, "signing_in/code.html", refused=refused, status=status)


@router.get("/sign-in/choose")
async def show_choices(request: Request) -> Response:
    """Offer the members of staff that have this address."""
    _, _, step = await _at(request)
    if not isinstance(step, Choose):
        return await _elsewhere(request)
    return page(request, "signing_in/choose.html", people=step.people)


@router.post("/sign-in/choose")
async def choose(request: Request, form: Sent) -> Response:
    """Take the choice."""
    secret, visit, step = await _at(request)
    if not isinstance(step, Choose):
        return await _elsewhere(request)
    staff_id = next((one for one in _ids(step) if str(one) == form.text("staff_id")), None)
    if staff_id is None:
        return page(request, "signing_in/choose.html", people=step.people, refused=Invalid("choose one of these"))
    await service.choose(door_of(request), secret, visit, staff_id)
    return await go_on(request, secret)


@router.get("/sign-in/codes")
async def show_codes(request: Request) -> Response:
    """Show the picture that an app reads."""
    secret, visit, step = await _at(request)
    if not isinstance(step, SetUpCodes):
        return await _elsewhere(request)
    if visit.totp_secret is None:
        totp_secret = new_totp_secret()
        await service.keep_totp_secret(door_of(request), secret, visit, totp_secret)
    else:
        totp_secret = visit.totp_secret
    return _codes_page(request, step.account, totp_secret)


@router.post("/sign-in/codes")
async def set_up_codes(request: Request, form: Sent) -> Response:
    """Set up codes, show the recovery codes, and go on from there."""
    secret, visit, step = await _at(request)
    if not isinstance(step, SetUpCodes) or visit.totp_secret is None:
        return await _elsewhere(request)
    try:
        codes = await service.set_up(door_of(request), secret, visit, step.account, form.text("code"))
    except Invalid as refused:
        return _codes_page(request, step.account, visit.totp_secret, refused=refused)
    return page(request, "signing_in/recovery_codes.html", codes=codes, to="/sign-in/on")


@router.post("/sign-in/on")
async def go_on_in(request: Request) -> Response:
    """Go on after the recovery codes were seen."""
    secret, _, _ = await _at(request)
    return await go_on(request, secret)


def _codes_page(request: Request, account: Account, secret: str, *, refused: Invalid | None = None) -> Response:
    shown = picture(secret, email=account.email)
    return page(request, "signing_in/codes.html", picture=shown, totp_secret=secret, refused=refused)


async def _at(request: Request) -> tuple[str, Visit, Step]:
    secret = cookies.visit_secret(request)
    visit, step = await service.where(door_of(request), secret)
    return secret or "", visit, step


async def _elsewhere(request: Request) -> Response:
    """Another step is due: the back button, or a form sent twice."""
    secret = cookies.visit_secret(request)
    if secret is None:
        raise NotSignedIn("begin again")
    return await go_on(request, secret)


def _ids(step: Choose) -> list[UUID]:
    return [one.principal.staff_id for one in step.people]
