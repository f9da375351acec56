"""A calendar as the bytes of an iCalendar file (RFC 5545); folding and escaping are the icalendar library's."""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event

from hub_registry.calendars.model import Told

PRODUCT: Final = "-//Placement Hub//Registry//EN"
LOOK_AGAIN: Final = timedelta(hours=4)
LONGEST: Final = 400
_NOT_TEXT: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def written(told: Sequence[Told], *, name: str, site: str) -> bytes:
    """Write a calendar.

    Args:
        told: its entries.
        name: what programs call it.
        site: address of the installation's pages, without a slash at its end.

    Returns:
        UTF-8, lines of at most 75 bytes ending in CRLF; the same entries give the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(name))
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for one in told:
        calendar.add_component(_event(one, site=site))
    found: bytes = calendar.to_ical()
    return found


def _event(told: Told, *, site: str) -> Event:
    entry = told.entry
    cancelled = told.cancelled_at is not None
    event = Event()
    event.add("uid", f"{entry.uid}@{site.partition('://')[2].partition('/')[0].partition(':')[0]}")
    event.add("dtstamp", told.changed_at)
    event.add("last-modified", told.changed_at)
    event.add("sequence", told.sequence)
    event.add("dtstart", entry.starts)
    if entry.ends != entry.starts:
        event.add("dtend", entry.ends)
    title = one_line(entry.title)
    # Some programs show what is cancelled like the rest.
    event.add("summary", f"Cancelled: {title}" if cancelled else title)
    event.add("description", one_line(entry.about))
    if entry.place:
        event.add("location", one_line(entry.place))
    if entry.page:
        event.add("url", f"{site}{entry.page}")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def one_line(text: str) -> str:
    """Make control, direction-changing and line-breaking characters spaces, runs of them one, and cut what is long."""
    plain = "".join(" " if unicodedata.category(char) in _NOT_TEXT else char for char in text)
    return " ".join(plain.split())[:LONGEST]
