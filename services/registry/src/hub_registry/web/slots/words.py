"""Words of the pages of slots."""

from collections.abc import Mapping
from typing import Any, Final

KINDS: Final = {
    "placement": ("Placement", "Students of Years 10 and up work with you for one or more days"),
    "visit": ("Visit", "A group looks at your workplace"),
    "talk": ("Talk", "Somebody of yours speaks to students"),
    "tour": ("Tour", "Students are shown round"),
}
MODES: Final = {"in_person": "At a place", "virtual": "Online only", "hybrid": "Partly at a place, partly online"}
ACCESS: Final = {
    "step_free": "Step-free",
    "wheelchair": "Usable in a wheelchair",
    "quiet_space": "A quiet space",
    "bsl": "British Sign Language",
}
"""The tags offered as boxes; others can be typed."""
WITHDRAWN: Final = {
    "not_hosting": "We are not hosting any more",
    "capacity": "We don't have the room",
    "staffing": "We don't have the people to look after students",
    "safety": "It would not be safe",
    "closed": "The workplace is closing or closed on those days",
    "error": "It was published by mistake",
    "other": "Another reason",
}
LABELS: Final = {
    "title": "Title",
    "sector": "Sector",
    "kind": "Kind",
    "mode": "Where it takes place",
    "postcode": "Postcode",
    "dates": "Days",
    "capacity": "Seats",
    "min_group": "Smallest group",
    "max_per_school": "Most students of one school",
    "single_school": "One school only",
    "year_groups": "Year groups",
    "min_age": "Youngest age",
    "access_provided": "Access",
    "reserved": "Reserved seats",
}
_BANDS: Final = {0: "fewer than 5", 5: "5 to 9", 10: "10 to 19", 20: "20 to 49", 50: "50 or more"}


def asked_words(at_least: int | None) -> str:
    """Say how many students have asked, in the band's words; None: no round is asking now."""
    return "" if at_least is None else _BANDS[at_least]


def access_words(tag: str) -> str:
    """Say an access tag."""
    return ACCESS.get(tag, tag.replace("_", " "))


def state_words(slot: Mapping[str, Any], *, verified: bool) -> str:
    """Say whether students can choose a slot."""
    if slot["state"] == "withdrawn":
        return "Withdrawn"
    return "Offered" if verified else "Not offered yet"
