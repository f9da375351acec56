"""The filters of a list of results, as they stand in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of results is limited to."""

    text: str
    placed: bool | None
    page: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Read an address's query; what is no filter of ours counts as not asked."""
        page = query.get("page", "")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
        placed = {"yes": True, "no": False}.get(query.get("placed", ""))
        return cls(query.get("q", "").strip()[:100], placed, max(1, number))

    @property
    def values(self) -> dict[str, str]:
        """Give the fields of the form."""
        placed = {} if self.placed is None else {"placed": "yes" if self.placed else "no"}
        return {**({"q": self.text} if self.text else {}), **placed}

    def address(self, *, page: int = 1) -> str:
        """Write the query of another page of the same list."""
        return urlencode({**self.values, **({"page": page} if page > 1 else {})})
