"""Where to go after signing in: only to a page of this site, whatever the address says."""

import re
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

HOME: Final = "/"
KEPT: Final = "/kept-form"
_KEPT_FORM: Final = re.compile(rf"{KEPT}/([0-9a-f-]{{36}})")
_NOT_AFTER: Final = ("/sign-", "/invitation")


def own_page(asked: str) -> str:
    """Give the page asked for if it is one of ours, else the home page; never another host or scheme.

    A browser reads a backslash as a slash and drops tabs and line ends, so that ``/\\evil`` and ``/<tab>/evil`` leave
    the site.
    """
    if not asked.startswith("/") or asked.startswith("//") or "\\" in asked or not asked.isprintable():
        return HOME
    parts = urlsplit(asked)
    if parts.scheme or parts.netloc or parts.path.startswith(_NOT_AFTER):
        return HOME
    return asked


def kept_form_of(asked: str) -> UUID | None:
    """Give the kept form that a page shows; None when it is another page."""
    found = _KEPT_FORM.fullmatch(asked)
    return UUID(found[1]) if found and len(found[1].replace("-", "")) == 32 else None
