"""The list of a school's students: its filters, as they stand in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.eligibility.service import without_chance
from hub_registry.rounds.model import Round
from hub_registry.students import finding
from hub_registry.students.columns import USUAL_MODES
from hub_registry.students.finding import Wanted
from hub_schemas.ids import SchoolId

CONSENT: Final[Mapping[str, str]] = {"yes": "yes", "no": "no", "unknown": ""}
NAMES: Final = ("q", "year", "preferences", "consent", "travel", "chance", "placed")
MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address; what is no filter of ours counts as not asked."""

    values: Mapping[str, str]
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read an address's query."""
        page = query.get("page", "")
        number = min(int(page), MOST_PAGES) if page.isascii() and page.isdecimal() and len(page) < 9 else 1
        return cls({name: query[name].strip()[:100] for name in NAMES if query.get(name, "").strip()}, max(1, number))

    def address(self, *, page: int = 1) -> str:
        """Write the query of another page of the same list."""
        return urlencode({**self.values, **({"page": page} if page > 1 else {})})

    def wanted(self) -> Wanted:
        """Give the filters that are questions to the database alone."""
        year = self.values.get("year", "")
        return Wanted(
            year=int(year) if year.isascii() and year.isdecimal() and len(year) < 4 else None,
            text=self.values.get("q", ""),
            preferences={"yes": True, "no": False}.get(self.values.get("preferences", "")),
            consent=CONSENT.get(self.values.get("consent", "")),
            travel_modes=USUAL_MODES if self.values.get("travel") == "usual" else None,
            placed={"yes": True, "no": False}.get(self.values.get("placed", "")),
        )


async def chosen(tx: Transaction, school_id: SchoolId, round_: Round | None, asked: Asked) -> tuple[Wanted, set[UUID]]:
    """Give what is wanted, and who of the school has no choice that can work."""
    no_chance: set[UUID] = set()
    if round_ is not None:
        ranked = await finding.load_ranked(tx.conn, school_id, round_)
        no_chance = {UUID(one) for one in await without_chance(tx, round_, *ranked)} if ranked[0] else set()
    wanted = asked.wanted()
    return (replace(wanted, among=sorted(no_chance)) if asked.values.get("chance") == "none" else wanted), no_chance
