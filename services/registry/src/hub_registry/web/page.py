"""Making a page: a template, what every page shows, and a status."""

from functools import cache
from typing import Any
from uuid import uuid4

from jinja2 import Environment, PackageLoader, PrefixLoader
from jinja2.loaders import ChoiceLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub_registry.errors import Invalid
from hub_registry.sessions.model import Session
from hub_registry.settings import Settings
from hub_registry.web import cookies, csrf
from hub_registry.web.forms import Errors
from hub_registry.web.navigation import places
from hub_registry.web.runs import words as runs
from hub_registry.web.words import FILTERS


@cache
def environment() -> Environment:
    """Load the templates once; everything in them is escaped unless a component says otherwise."""
    made = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("hub_registry.web"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a service is started anew with its templates: no look at each file for each page
    )
    made.filters.update(FILTERS)
    made.filters.update(runs.FILTERS)
    return made


def page(
    request: Request, template: str, *, status: int | None = None, refused: Invalid | None = None, **context: Any
) -> Response:
    """Render a template.

    Args:
        request: the page's own request.
        template: path below ``templates/``.
        status: of the answer; where nothing is said 422 with ``refused``, else 200.
        refused: what was wrong with the form that this page shows again: ``errors`` in the template.
        context: what the template shows. Every page also has ``me`` (the person, or None), ``csrf_token``,
            ``request_key``, ``demo``, ``path``, ``places``, ``said`` and ``errors``.
    """
    settings: Settings = request.app.state.settings
    session: Session | None = getattr(request.state, "session", None)
    visit: str | None = getattr(request.state, "visit", None)
    said = cookies.said_once(request)
    errors = Errors.of(refused) if refused else Errors()
    text = (
        environment()
        .get_template(template)
        .render(
            me=session.principal if session else None,
            csrf_token=csrf.token(session.secret if session else visit or ""),
            request_key=str(uuid4()),
            demo=settings.demo,
            path=request.url.path,
            places=places(session.principal.role if session else None, request.url.path),
            said=said,
            errors=errors,
            **context,
        )
    )
    response = HTMLResponse(text, status_code=status or (422 if refused else 200))
    if said:
        cookies.forget_said(request, response)
    if visit and session is None and visit != cookies.visit_secret(request):
        cookies.keep_visit(request, response, visit)
    return response


def redirect(request: Request, to: str, *, said: str = "") -> Response:
    """Send the browser on after a form was taken, with a sentence for the next page to begin with."""
    response = RedirectResponse(to, status_code=303)
    if said:
        cookies.say_once(request, response, said)
    return response
