"""Finding slots for one student: what was asked, and which slots answer it, the possible and near ones first; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from hub_allocation.instance import NONE
from hub_registry.eligibility.market import Card, Judged

PER_PAGE: Final = 25
_FAR: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Sought:
    """What a person looks for; blank or None: anything."""

    text: str = ""
    """In the title, the employer's name or the reference."""
    sector: str = ""
    kind: str = ""
    place: str = ""
    """The beginning of a postcode, or "online"."""
    first: date | None = None
    last: date | None = None
    minutes: int | None = None
    """At most so far; online slots always are."""
    possible: bool = True
    """Only slots that no rule forbids."""

    def admits(self, card: Card) -> bool:
        """Whether a slot answers everything that doesn't turn on the student."""
        text = self.text.casefold()
        return (
            (not self.sector or card.sector == self.sector)
            and (not self.kind or card.kind == self.kind)
            and (self.first is None or card.first_date >= self.first)
            and (self.last is None or card.last_date <= self.last)
            and self._is_at(card)
            and (not text or text in f"{card.title} {card.employer} {card.slot_ref}".casefold())
        )

    def _is_at(self, card: Card) -> bool:
        asked = self.place.upper().replace(" ", "")
        if asked == "ONLINE":
            return card.mode == "virtual"
        return not asked or card.postcode.replace(" ", "").startswith(asked)


def seek(judged: Judged, sought: Sought) -> list[int]:
    """Find slots, by their place in ``judged``: the possible first, then the quickest way, then the reference.

    Args:
        judged: every slot of a market, judged for one student, in the market's order.
        sought: what is asked.

    Returns:
        Places. Cost: linear in slots, some milliseconds for 4 500.
    """
    pairs, cards = judged.pairs, judged.market.cards
    fits = judged.feasible if sought.possible else np.ones(len(pairs), dtype=bool)
    if sought.minutes is not None:
        fits = fits & (pairs.minutes != NONE) & (pairs.minutes <= sought.minutes)
    able, minutes = judged.feasible.tolist(), np.where(pairs.minutes == NONE, _FAR, pairs.minutes).tolist()
    found = [at for at in np.flatnonzero(fits).tolist() if sought.admits(cards[at])]
    return sorted(found, key=lambda at: (not able[at], minutes[at], cards[at].slot_ref))


def choices_of(judged: Judged) -> Mapping[str, list[tuple[str, str]]]:
    """Give the sectors and kinds that the slots have, for the lists of a form: value and words."""
    cards = judged.market.cards
    return {
        "sectors": [(sector, sector) for sector in sorted({card.sector for card in cards})],
        "kinds": [(kind, kind.replace("_", " ")) for kind in sorted({card.kind for card in cards})],
    }
