"""What the bar under the product's name leads to, for each role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub_registry.access.principal import Role


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: its words, and the address of its first page."""

    text: str
    href: str


PLACES: Final[Mapping[Role, Sequence[Place]]] = {
    Role.ADVISER: (
        Place("Home", "/"),
        Place("Students", "/students"),
        Place("Results", "/results"),
        Place("Downloads", "/downloads"),
    ),
    Role.EMPLOYER: (
        Place("Home", "/"),
        Place("Slots", "/slots"),
        Place("Who is coming", "/coming"),
        Place("Your details", "/employer"),
        Place("Downloads", "/downloads"),
    ),
    Role.HUB: (
        Place("Home", "/"),
        Place("Programmes", "/programmes"),
        Place("Rounds", "/rounds"),
        Place("Schools", "/schools"),
        Place("Employers", "/employers"),
        Place("Files", "/imports"),
        Place("Staff", "/staff"),
        Place("Downloads", "/downloads"),
        Place("Record", "/audit"),
    ),
    Role.OPERATOR: (Place("Home", "/"),),
}


def places(role: Role | None, path: str) -> list[dict[str, object]]:
    """Give the entries as GOV.UK Frontend's service navigation takes them, the current one marked."""
    found = PLACES[role] if role else ()
    here = max((place.href for place in found if _within(path, place.href)), key=len, default="")
    return [{"text": place.text, "href": place.href, "active": place.href == here} for place in found]


def _within(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))
