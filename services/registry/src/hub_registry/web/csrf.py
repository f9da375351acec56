"""Forms come from our own pages: a token that only this session's pages know, and the browser's word for it.

Source:
    OWASP Cross-Site Request Forgery Prevention Cheat Sheet: HMAC of the session, and Fetch Metadata.
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from hub_registry.errors import ForgedForm

FIELD: Final = "csrf_token"
_SAME: Final = frozenset({"same-origin", "none"})


def token(secret: str) -> str:
    """Give the token of a session: nobody can make it without the secret, nor the secret from it."""
    return hmac.new(secret.encode(), b"forms", hashlib.sha256).hexdigest()


def must_be_ours(request: Request) -> None:
    """Let only requests pass that the browser says come from our own pages; raises ForgedForm."""
    fetched = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if fetched is not None and fetched not in _SAME:
        raise ForgedForm("the form was sent from another site")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForgedForm("the form was sent from another site")


def must_match(secret: str, sent: str) -> None:
    """Let only forms pass that a page of this session made; raises ForgedForm."""
    if not hmac.compare_digest(token(secret).encode(), sent.encode()):  # of texts it takes ASCII only
        raise ForgedForm("the form is from an earlier session: open the page again, then send it")
