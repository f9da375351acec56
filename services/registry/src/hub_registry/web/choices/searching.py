"""The search form of slots, as it stands in the address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from hub_registry.eligibility.search import Sought
from hub_registry.errors import Finding
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell

NAMES: Final = ("q", "sector", "kind", "place", "from", "to", "minutes", "show")
MOST_PAGE: Final = 1_000


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Search:
    """What an address asks for; fields that can't be read are in ``findings`` and count as blank."""

    values: Mapping[str, str]
    page: int
    sought: Sought
    findings: tuple[Finding, ...]

    def address(self, *, page: int = 1) -> str:
        """Write the query of another page of the same search."""
        return urlencode({**self.values, **({"page": page} if page > 1 else {})})


def read(query: Mapping[str, str]) -> Search:
    """Read an address's query."""
    values = {name: query[name].strip()[:100] for name in NAMES if query.get(name, "").strip()}
    findings: list[Finding] = []
    first, last = _cell(values, "from", cells.day, findings), _cell(values, "to", cells.day, findings)
    minutes = _cell(values, "minutes", cells.whole(0, 600), findings)
    page = query.get("page", "")
    sought = Sought(
        text=values.get("q", ""),
        sector=values.get("sector", ""),
        kind=values.get("kind", ""),
        place=values.get("place", ""),
        first=first,
        last=last,
        minutes=minutes,
        possible=values.get("show") != "all",
    )
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    return Search(values, min(max(1, number), MOST_PAGE), sought, tuple(findings))


def _cell(values: Mapping[str, str], name: str, parse: Callable[[str], Value], findings: list[Finding]) -> Value | None:
    try:
        return parse(values[name]) if name in values else None
    except BadCell as bad:
        findings.append(Finding(bad.message, code=bad.code, field=name))
        return None
