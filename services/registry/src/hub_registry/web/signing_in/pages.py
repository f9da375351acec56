"""Sign in, sign out; in demo mode one click signs in as each role."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from hub_chassis.database import Database
from hub_registry import metrics
from hub_registry.access.principal import How
from hub_registry.errors import Invalid, NotKnown, TooManyTries
from hub_registry.sessions import repository
from hub_registry.sessions.model import Session
from hub_registry.sessions.service import begin_session
from hub_registry.settings import Settings
from hub_registry.visits.service import begin_with_password
from hub_registry.web import cookies
from hub_registry.web.page import page, redirect
from hub_registry.web.route import OpenPage, PageRoute, Sent, Tx, address_of
from hub_registry.web.signing_in.addresses import own_page
from hub_registry.web.signing_in.demo import demo_people, demo_person
from hub_registry.web.signing_in.entering import door_of, go_on
from hub_registry.web.signing_in.provider import offer_to_leave, provider_of

router = APIRouter(route_class=OpenPage)
signed_in = APIRouter(route_class=PageRoute)
Next = Annotated[str, Query(alias="next", max_length=2000)]


class WithPassword(BaseModel):
    """What somebody signs in with."""

    email: str = Field(default="", max_length=320)
    password: str = Field(default="", max_length=1000)
    next: str = Field(default="/", max_length=2000)


@router.get("/sign-in")
async def show_sign_in(request: Request, next_page: Next = "/") -> Response:
    """Offer the ways to sign in."""
    return await _show(request, next_page)


async def _show(
    request: Request, next_page: str, *, refused: Invalid | None = None, status: int | None = None
) -> Response:
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.databases["app"]
    people = await demo_people(database) if settings.demo else []
    provider = provider_of(request)
    return page(
        request,
        "signing_in/sign_in.html",
        people=people,
        label=provider.me.label if provider else None,
        next_page=own_page(next_page),
        values=request.state.form.values() if refused else {},
        refused=refused,
        status=status,
    )


@router.post("/sign-in")
async def sign_in(request: Request, form: Sent) -> Response:
    """Sign in with address and password."""
    next_page = own_page(form.text("next", "/"))
    try:
        asked = form.read(WithPassword)
        secret = await begin_with_password(
            door_of(request),
            email=asked.email,
            password=asked.password,
            address=address_of(request),
            browser=cookies.browser_secret(request),
            next_page=next_page,
        )
    except Invalid as refused:
        metrics.SIGN_INS.labels(How.PASSWORD, "wrong").inc()
        return await _show(request, next_page, refused=refused)
    except TooManyTries as slow:
        metrics.SIGN_INS.labels(How.PASSWORD, "slowed").inc()
        return await _show(request, next_page, refused=Invalid(slow.detail), status=429)
    return await go_on(request, secret)


@router.post("/sign-in/demo")
async def sign_in_to_demo(request: Request, form: Sent) -> Response:
    """Sign in as somebody of the demo; there is no such page outside demo mode."""
    settings: Settings = request.app.state.settings
    if not settings.demo:
        raise NotKnown("there is no such page")
    database: Database = request.app.state.databases["app"]
    person = await demo_person(database, _uuid(form.text("staff_id")))
    session = await begin_session(
        database,
        person,
        how=How.DEMO,
        second_factor=True,
        agent=request.headers.get("user-agent", ""),
        lasts=timedelta(hours=settings.session_hours),
    )
    response = redirect(request, own_page(form.text("next", "/")))
    cookies.keep_session(request, response, session.secret)
    return response


@signed_in.post("/sign-out")
async def sign_out(request: Request, tx: Tx) -> Response:
    """End this browser's session."""
    session: Session = request.state.session
    await repository.end_session(tx.conn, session.session_id)
    response = await offer_to_leave(request, session.session_id) if session.how is How.PROVIDER else None
    response = response or redirect(request, "/sign-in", said="You have signed out.")
    cookies.forget_session(request, response)
    return response


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotKnown("there is no such person") from None
