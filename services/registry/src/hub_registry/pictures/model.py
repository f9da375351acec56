"""What a picture is: a title that says the finding, words for who does not see it, a table, and rows to draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Cell = str | int
Rows = Sequence[Mapping[str, Any]]


class Width(StrEnum):
    """How wide a picture is drawn, so that its letters are as large on a phone as on a desk."""

    WIDE = "wide"
    NARROW = "narrow"

    @property
    def px(self) -> int:
        """Pixels of the whole picture."""
        return 760 if self is Width.WIDE else 300


@dataclass(frozen=True, slots=True)
class PictureTable:
    """The figures of a picture as people read them; the first column names the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture. ``kind`` and ``rows`` (plain values of JSON) are all that drawing it takes."""

    name: str
    """Its address below the page's own, plain letters of ours."""
    kind: str
    title: str
    description: str
    table: PictureTable
    rows: tuple[Mapping[str, Any], ...]


def share(part: int, whole: int) -> str:
    """Write a part of a whole as a percentage: "59%"; what is more than nothing is never "0%"."""
    if not whole or not part:
        return "0%"
    found = round(100 * part / whole)
    if found == 0:
        return "under 1%"
    return "over 99%" if found == 100 and part < whole else f"{found}%"


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun: "1 placement", "2,100 placements"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
