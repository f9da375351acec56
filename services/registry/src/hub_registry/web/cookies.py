"""The cookies of the pages: the session, the way to it, a browser known from before, one sentence to show once."""

import base64
import binascii
import json
import re
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub_registry.settings import Settings

_SESSION: Final = "hub_session"
_DONE: Final = "hub_done"
_VISIT: Final = "hub_visit"
_BROWSER: Final = "hub_browser"
_SECRET: Final = re.compile(r"hub_[A-Za-z0-9_-]{43}")
KNOWN_FOR: Final = timedelta(days=180)
"""A browser that somebody signed in from is known for so long after their last time."""


def _name(settings: Settings, name: str) -> str:
    """Bind a cookie to this host and to https, but for the demo, which has no https."""
    return name if settings.demo else f"__Host-{name}"


def session_secret(request: Request) -> str | None:
    """Read what the browser says its session is."""
    return request.cookies.get(_name(request.app.state.settings, _SESSION))


def keep_session(request: Request, response: Response, secret: str) -> None:
    """Give the browser its session."""
    _set(request, response, _SESSION, secret)


def forget_session(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    _delete(request, response, _SESSION)


def visit_secret(request: Request) -> str | None:
    """Read what ties the forms before signing in to this browser; only what could be ours."""
    kept = request.cookies.get(_name(request.app.state.settings, _VISIT), "")
    return kept if _SECRET.fullmatch(kept) else None


def keep_visit(request: Request, response: Response, secret: str) -> None:
    """Tie the forms before signing in to this browser."""
    _set(request, response, _VISIT, secret)


def forget_visit(request: Request, response: Response) -> None:
    """Begin anew with the next form before signing in."""
    _delete(request, response, _VISIT)


def browser_secret(request: Request) -> str | None:
    """Read whether somebody signed in from this browser before."""
    kept = request.cookies.get(_name(request.app.state.settings, _BROWSER), "")
    return kept if _SECRET.fullmatch(kept) else None


def keep_browser(request: Request, response: Response, secret: str) -> None:
    """Know this browser again."""
    _set(request, response, _BROWSER, secret, lasts=KNOWN_FOR)


def say_once(request: Request, response: Response, words: str) -> None:
    """Have the next page begin with this sentence."""
    _set(request, response, _DONE, base64.urlsafe_b64encode(json.dumps(words).encode()).decode())


def said_once(request: Request) -> str | None:
    """Read the sentence that the next page begins with; whoever shows it forgets it."""
    kept = request.cookies.get(_name(request.app.state.settings, _DONE))
    if not kept:
        return None
    try:
        words = json.loads(base64.urlsafe_b64decode(kept))
    except (binascii.Error, ValueError):
        return None
    return words if isinstance(words, str) else None


def forget_said(request: Request, response: Response) -> None:
    """Show a sentence no second time."""
    _delete(request, response, _DONE)


def _set(request: Request, response: Response, name: str, value: str, *, lasts: timedelta | None = None) -> None:
    settings: Settings = request.app.state.settings
    response.set_cookie(
        _name(settings, name),
        value,
        max_age=round(lasts.total_seconds()) if lasts else None,
        path="/",
        secure=not settings.demo,
        httponly=True,
        samesite="lax",
    )


def _delete(request: Request, response: Response, name: str) -> None:
    settings: Settings = request.app.state.settings
    response.delete_cookie(_name(settings, name), path="/", secure=not settings.demo, httponly=True, samesite="lax")
