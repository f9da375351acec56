"""Where to go after signing in: only to a page of this site, whatever the address says."""

from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/"


def own_page(asked: str) -> str:
    """Give the page asked for if it is one of ours, else the home page; never another host or scheme.

    A browser reads a backslash as a slash and drops tabs and line ends, so that ``/\\evil`` and ``/<tab>/evil`` leave
    the site.
    """
    if not asked.startswith("/") or asked.startswith("//") or "\\" in asked or not asked.isprintable():
        return HOME
    parts = urlsplit(asked)
    if parts.scheme or parts.netloc or parts.path.startswith("/sign-"):
        return HOME
    return asked
