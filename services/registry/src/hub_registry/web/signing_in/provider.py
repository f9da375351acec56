"""To the OpenID provider and back: a link leads there, its answer goes on like a right password does."""

from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from hub_registry import errors, metrics
from hub_registry.access.principal import How
from hub_registry.api.problem import STATUS
from hub_registry.providers import repository, service
from hub_registry.providers.client import Provider
from hub_registry.providers.model import BACK, Returned, address_of_the_end
from hub_registry.visits.model import Visit
from hub_registry.visits.repository import find_visit
from hub_registry.visits.service import begin
from hub_registry.web import cookies
from hub_registry.web.page import page, redirect
from hub_registry.web.route import OpenPage, address_of
from hub_registry.web.signing_in.addresses import own_page
from hub_registry.web.signing_in.entering import door_of, go_on

router = APIRouter(route_class=OpenPage)
_LOG = structlog.get_logger(__name__)
Next = Annotated[str, Query(alias="next", max_length=2000)]
Brought = Annotated[str, Query(max_length=4000)]

_ENDS: Final = {
    errors.ProviderAway: ("away", "You can't sign in with your organisation now"),
    errors.ProviderSaidNo: ("said no", "You did not sign in"),
    errors.AnswerNotTrusted: ("not trusted", "Signing in did not work"),
    errors.NobodyKnown: ("nobody known", "You can't sign in yet"),
}


def provider_of(request: Request) -> Provider | None:
    """Give the provider of this installation; None when there is none."""
    provider: Provider | None = request.app.state.provider
    return provider


def _must_have(request: Request) -> Provider:
    provider = provider_of(request)
    if provider is None:
        raise errors.NotKnown("there is no such page")
    return provider


@router.get("/sign-in/provider")
async def lead_there(request: Request, next_page: Next = "/") -> Response:
    """Send somebody to the provider; a link leads here, because a form may lead nowhere else (``form-action``)."""
    try:
        secret, there = await service.begin(
            door_of(request), _must_have(request), address=address_of(request), next_page=own_page(next_page)
        )
    except errors.NotFromProvider as failed:
        return _failed(request, failed)
    except errors.TooManyTries:
        metrics.SIGN_INS.labels(How.PROVIDER, "slowed").inc()
        raise
    response = redirect(request, there)
    cookies.keep_visit(request, response, secret)
    return response


@router.get(BACK)
async def come_back(
    request: Request, state: Brought = "", code: Brought = "", error: Brought = "", iss: Brought | None = None
) -> Response:
    """Take what the provider says."""
    try:
        secret = await service.finish(
            door_of(request),
            _must_have(request),
            Returned(state, code, error, iss),
            secret=cookies.visit_secret(request),
            address=address_of(request),
        )
    except errors.NotFromProvider as failed:
        return _failed(request, failed)
    return await go_on(request, secret)


def _failed(request: Request, failed: errors.NotFromProvider) -> Response:
    end, title = _ENDS[type(failed)]
    metrics.SIGN_INS.labels(How.PROVIDER, end).inc()
    _LOG.warning("not signed in by the provider", end=end, reason=failed.facts.get("reason"))
    status = next(STATUS[parent] for parent in type(failed).__mro__ if parent in STATUS)
    return page(request, "signing_in/not_from_provider.html", status=status, title=title, detail=failed.detail)


async def offer_to_leave(request: Request, session_id: UUID) -> Response | None:
    """After signing out here: lead to a page that offers to sign out of the provider too; None when that can't be."""
    provider = provider_of(request)
    async with door_of(request).transaction() as tx:
        id_token = await repository.take(tx.conn, session_id)
    if provider is None or id_token is None or await provider.end() is None:
        return None
    response = redirect(request, "/sign-in/out", said="You have signed out.")
    cookies.keep_visit(request, response, await begin(door_of(request), Visit(id_token=id_token)))
    return response


@router.get("/sign-in/out")
async def show_leaving(request: Request) -> Response:
    """Offer to sign out of the provider too: whoever uses this computer next could come in by it."""
    if await _waiting(request) is None:
        return redirect(request, "/sign-in")
    return page(request, "signing_in/signed_out.html")


@router.get("/sign-in/out/provider")
async def leave(request: Request) -> Response:
    """Send somebody to where they sign out of the provider."""
    provider, id_token = provider_of(request), await _waiting(request)
    there = await provider.end() if provider else None
    if provider is None or id_token is None or there is None:
        return redirect(request, "/sign-in")
    return redirect(request, address_of_the_end(there, provider.me, id_token))


async def _waiting(request: Request) -> str | None:
    """The token of who has just signed out here; a visit that is on its way in has none to give."""
    secret = cookies.visit_secret(request)
    if secret is None or request.state.session is not None:
        return None
    async with door_of(request).connection() as conn:
        visit = await find_visit(conn, secret)
    return visit.id_token if visit and not visit.account_ids else None
