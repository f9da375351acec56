"""Long lists in pages: which part of the list is shown, and the links to the others."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

PAGE = 50
_AROUND = 1


class Pages:
    """A page of a list whose length is known; pages that are not there become the last one."""

    def __init__(self, total: int, number: int, *, size: int = PAGE) -> None:
        self.total = total
        self.size = size
        self.last = max(1, -(-total // size))
        self.number = min(max(1, number), self.last)

    @classmethod
    def at(cls, number: int, *, size: int = PAGE) -> "Pages":
        """A page of a list whose length is told by its own lines."""
        return cls(number * size, number, size=size)

    @classmethod
    def of(cls, lines: Sequence[Mapping[str, Any]], number: int) -> "Pages":
        """The page that was asked for, of a list whose lines each say how many there are."""
        return cls(lines[0]["total"] if lines else 0, number)

    @property
    def offset(self) -> int:
        """How many lines come before it."""
        return (self.number - 1) * self.size

    @property
    def shown(self) -> str:
        """Which lines these are: "51 to 100 of 230"."""
        first = min(self.offset + 1, self.total)
        return f"{first:,} to {min(self.offset + self.size, self.total):,} of {self.total:,}"

    def links(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Give GOV.UK Frontend's pagination; nothing where one page holds all.

        Args:
            path: of the page itself.
            query: its other parameters: filters that every page of the list has.
        """
        if self.last == 1:
            return {}

        def to(number: int) -> str:
            return f"{path}?{urlencode({**{k: v for k, v in query.items() if v}, 'page': number})}"

        near = {1, self.last, *range(self.number - _AROUND, self.number + _AROUND + 1)}
        items: list[dict[str, Any]] = []
        before = 0
        for number in sorted(one for one in near if 1 <= one <= self.last):
            if number > before + 1:
                items.append({"ellipsis": True})
            items.append({"number": number, "href": to(number), "current": number == self.number})
            before = number
        given: dict[str, Any] = {"items": items}
        if self.number > 1:
            given["previous"] = {"href": to(self.number - 1)}
        if self.number < self.last:
            given["next"] = {"href": to(self.number + 1)}
        return given
