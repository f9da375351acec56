"""An employer's slots on one page after another, with how far along each is."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from hub_chassis.database import Conn
from hub_registry.slots.reach import load_reach
from hub_registry.web.slots.words import asked_words, state_words

PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A slot, and how far along it is in words; ``coming`` is None while no round with it is published."""

    slot: dict[str, Any]
    state: str
    asked: str
    coming: int | None


def lines(slots: list[dict[str, Any]], *, asked: dict[Any, int], coming: dict[Any, int], verified: bool) -> list[Line]:
    """Put slots and their figures together."""
    return [
        Line(
            one,
            state_words(one, verified=verified),
            asked_words(asked.get(one["slot_id"])),
            coming.get(one["slot_id"]),
        )
        for one in slots
    ]


async def lines_of(conn: Conn, slots: list[dict[str, Any]], *, verified: bool) -> list[Line]:
    """Read how far along these slots are."""
    reach = await load_reach(conn)
    return lines(slots, asked=reach.asked, coming=reach.coming, verified=verified)


def is_over(slot: dict[str, Any], *, today: date) -> bool:
    """Tell whether a slot lies in the past."""
    last: date = slot["last_date"]
    return last < today
