"""What a file of one kind looks like, and what was read from one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


class BadCell(Exception):
    """A cell can't be taken; says what is wrong and how to mend it."""

    def __init__(self, message: str, code: str = "bad_value") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


Parser = Callable[[str], Any]
"""From a cell's text, stripped and not empty, to its value; raises BadCell."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Args:
        name: as in the header; letter case and blanks around it do not matter.
        parse: makes the value of a cell that is not blank.
        doc: what it means, for the documentation.
        example: a cell, for the documentation.
        needed: the header must have it.
        filled: no cell may be blank (a blank is ``blank`` otherwise).
        blank: value of a blank cell, and of a new thing whose file lacks the column.
        field: name in records; the column's own unless given.
        aliases: other headings that can only mean this column, as other systems write them; blanks, ``_``, ``-``, ``.``
            and letter case do not matter in them.
    """

    name: str
    parse: Parser
    doc: str
    example: str
    needed: bool = False
    filled: bool = False
    blank: Any = None
    field: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in records."""
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a file: its number (the header is row 1) and the values of the columns the file has."""

    row: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a row's check has to say: a column, a kind, a sentence."""

    column: str
    code: str
    message: str


Check = Callable[[Mapping[str, Any]], Iterable[Complaint]]


def _nothing(_values: Mapping[str, Any]) -> Iterable[Complaint]:
    return ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of file; ``key`` are fields (not headers) that together occur once in a file."""

    kind: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    check: Check = _nothing

    def header_of(self, key: str) -> str:
        """Give the header of a field."""
        return next((column.name for column in self.columns if column.key == key), key)

    def blanks(self) -> dict[str, Any]:
        """Give the values of a new thing whose file has none of the optional columns."""
        return {column.key: column.blank for column in self.columns}


@dataclass(frozen=True, slots=True)
class Table:
    """What was read from a file without an error."""

    sheet: Sheet
    records: list[Record]
    encoding: str
    notices: list[str]

    def column(self, key: str) -> list[Any]:
        """Give one field of all records that have it filled."""
        return [value for record in self.records if (value := record.values.get(key)) is not None]
