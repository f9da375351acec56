"""What is refused, as a page that says what happened and what to do."""

from collections.abc import Mapping
from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub_chassis.errors import is_away, is_transient
from hub_chassis.http import template
from hub_registry import errors
from hub_registry.api.problem import STATUS
from hub_registry.web.headers import NOT_PAGES
from hub_registry.web.page import page

_LOG = structlog.get_logger(__name__)

_TITLES: Final[Mapping[int, str]] = {
    401: "You are signed out",
    403: "You can't do this",
    404: "Page not found",
    405: "Page not found",
    409: "This can't be done now",
    412: "Someone else changed this meanwhile",
    413: "That is too large",
    422: "There is a problem with what you sent",
    429: "Too many tries",
    503: "Not available for a moment",
}


def refusal(request: Request, refused: errors.RegistryError) -> Response:
    """Make the page of a refusal; what a person may not know of looks like what is not there."""
    status = next(STATUS[parent] for parent in type(refused).__mro__ if parent in STATUS)
    findings = refused.findings if isinstance(refused, errors.Invalid) else ()
    return told(request, status, refused.detail, details=[one.message for one in findings])


def told(request: Request, status: int, detail: str, *, details: list[str] | None = None) -> Response:
    """Make the page of any refusal."""
    title = _TITLES.get(status, "Sorry, something went wrong")
    return page(request, "refused.html", status=status, title=title, detail=detail, details=details or [])


def install(app: FastAPI) -> None:
    """Answer errors outside the API as pages; the API keeps its problems."""
    plain = dict(app.exception_handlers)

    async def answer(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(NOT_PAGES):
            handler = next(plain[kind] for kind in type(error).__mro__ if kind in plain)
            made: Response = await handler(request, error)
            return made
        return _page_of(request, error)

    for kind in plain:
        app.add_exception_handler(kind, answer)


def _page_of(request: Request, error: Exception) -> Response:
    match error:
        case errors.RegistryError():
            return refusal(request, error)
        case HTTPException():
            return told(request, error.status_code, "Check the address, or go back to the home page.")
        case RequestValidationError():
            return told(request, 404, "The address is not one of ours.")
        case _ if is_away(error) or is_transient(error):
            _LOG.warning("unavailable", error=repr(error), route=template(request.scope))
            return told(request, 503, "Nothing was changed. Wait a moment, then try again.")
    _LOG.error("page failed", exc_info=error, route=template(request.scope))
    return told(request, 500, "Nothing was changed. The fault was logged; try again later.")
