"""Finding one page of each kind by following links: a kind is an address without ids and query."""

import re
from collections.abc import Callable, Iterable, Sequence
from html import unescape
from typing import Final

MOST_PAGES: Final = 80
_HREF: Final = re.compile(r'href="(/[^"#]*)"')
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)[0-9]{5,6}(?=/|$)")
_NO_PAGE: Final = re.compile(r"^/static/|^/api/|^/downloads/|^/sign-|\.(csv|json|svg|ics|zip|png)\b|/events$")


def kind_of(address: str) -> str:
    """Give an address's kind."""
    return _ID.sub("{id}", address.partition("?")[0])


def is_page(address: str) -> bool:
    """Whether an address is a page, as far as it shows."""
    return not _NO_PAGE.search(address)


def links(html: str) -> list[str]:
    """Give the addresses of this site that a page links to."""
    return [unescape(href) for href in _HREF.findall(html)]


def explore(visit: Callable[[str], str | None], begin: Sequence[str] = ("/",)) -> dict[str, str]:
    """Follow links from the first pages on; ``visit`` gives a page's HTML, or None where there is no page.

    Returns:
        An address by kind, in the order they were found.
    """
    found: dict[str, str] = {}
    queue = list(begin)
    while queue and len(found) < MOST_PAGES:
        address = queue.pop(0)
        if kind_of(address) in found or not is_page(address):
            continue
        html = visit(address)
        if html is not None:
            found[kind_of(address)] = address
            queue += _new(links(html), found)
    return found


def _new(addresses: Iterable[str], found: dict[str, str]) -> list[str]:
    return [address for address in addresses if kind_of(address) not in found]
