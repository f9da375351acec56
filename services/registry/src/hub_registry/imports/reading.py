"""Reads an uploaded CSV file into a table, or says everything that is wrong with it."""

import asyncio
import csv
import io
from collections.abc import Iterator
from typing import IO, Any, Final

from hub_registry.imports.cells import shown
from hub_registry.imports.decoding import Encoding, detect
from hub_registry.imports.findings import Findings
from hub_registry.imports.header import Layout, layout
from hub_registry.imports.progress import ROWS, current
from hub_registry.imports.sheet import BadCell, Column, Record, Sheet, Table
from hub_registry.imports.upload import Received

MOST_LINES: Final = 1_000_000
"""More lines than a hub has of anything: ten million blank ones would keep a processor busy for half a minute."""
_FORMULA: Final = ("=", "+", "-", "@")


async def read(upload: Received, sheet: Sheet) -> Table:
    """Read a file in a thread, so that a large one does not hold up other requests; raises FileRefused."""
    return await asyncio.to_thread(parse, upload.file, sheet)


def parse(file: IO[bytes], sheet: Sheet) -> Table:
    """Read a whole file.

    Args:
        file: CSV, separated by commas, with a header; UTF-8 with or without BOM, or Windows-1252; at its beginning.
        sheet: what it should look like.

    Returns:
        Every row's values, and notices of what was ignored.

    Raises:
        FileRefused: with the first 200 errors in order of rows, and counts by kind.

    Source: RFC 4180.
    """
    findings = Findings()
    encoding = detect(file, findings)
    lines = _lines(file)
    if lines > MOST_LINES:
        message = f"the file has {lines:,} lines, at most {MOST_LINES:,} are read: divide it, or take blank rows out"
        findings.add(1, None, "too_many_lines", message)
    findings.refuse(sheet)
    current().began("reading", lines - 1)
    wrapper = io.TextIOWrapper(file, encoding=encoding.codec, newline="")
    try:
        return _Reader(sheet, findings, encoding).read(wrapper)
    finally:
        wrapper.detach()  # the upload closes its own file


def _lines(file: IO[bytes]) -> int:
    """Count line ends, which is how many rows there are unless a cell has several lines; back to the beginning."""
    lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return lines


class _Reader:
    """One reading of one file."""

    def __init__(self, sheet: Sheet, findings: Findings, encoding: Encoding) -> None:
        self._sheet = sheet
        self._findings = findings
        self._encoding = encoding
        self._known: dict[str, dict[str, Any]] = {}
        self._keys: dict[tuple[Any, ...], int] = {}
        self._formulas = 0

    def read(self, text: io.TextIOWrapper) -> Table:
        rows = self._rows(text)
        _, header = next(rows, (1, []))
        self._findings.refuse(self._sheet)  # a header that is no CSV
        found = layout(header, self._sheet, self._findings)
        self._findings.refuse(self._sheet)
        records = [record for row, cells in rows if cells and (record := self._record(row, cells, found))]
        if not records and not self._findings:
            self._findings.add(2, None, "no_rows", "there is nothing below the header")
        self._findings.refuse(self._sheet)
        return Table(
            self._sheet, records, self._encoding.label, [*self._encoding.notices, *found.notices, *self._odd()]
        )

    def _rows(self, text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        row = 0
        progress = current()
        reader = csv.reader(text, strict=True)
        while True:
            row += 1
            if row % ROWS == 0:
                progress.did(row)
            try:
                yield row, next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                code, message = _explain(str(broken))
                self._findings.add(row, None, code, message)
                return

    def _record(self, row: int, cells: list[str], found: Layout) -> Record | None:
        if not any(cells):
            return None
        if len(cells) < found.width:
            message = f"has {len(cells)} cells, the header has {found.width}: the file may be cut off here"
            self._findings.add(row, None, "short_row", message)
            return None
        if any(cells[found.width :]):
            message = f"has {len(cells)} cells, the header has {found.width}: put quotes round a cell with a comma"
            self._findings.add(row, None, "long_row", message)
            return None
        before = len(self._findings)
        values = {column.key: self._value(row, column, cells[place]) for place, column in found.columns}
        if len(self._findings) > before:
            return None
        for complaint in self._sheet.check(values):
            self._findings.add(row, complaint.column, complaint.code, complaint.message)
        self._once(row, values)
        return Record(row, values)

    def _value(self, row: int, column: Column, cell: str) -> Any:
        known = self._known.setdefault(column.name, {})
        if cell in known:
            return known[cell]
        stripped = cell.strip()
        if not stripped:
            if column.filled:
                self._findings.add(row, column.name, "blank", "is blank, but needed: fill it in")
                return None
            value = column.blank
        else:
            try:
                value = column.parse(stripped)
            except BadCell as bad:
                self._findings.add(row, column.name, bad.code, bad.message)
                return None
            if stripped[0] in _FORMULA and isinstance(value, str):
                self._formulas += 1
        known[cell] = value
        return value

    def _once(self, row: int, values: dict[str, Any]) -> None:
        key = tuple(values.get(name) for name in self._sheet.key)
        first = self._keys.setdefault(key, row)
        if first != row:
            names = " and ".join(self._sheet.header_of(name) for name in self._sheet.key)
            written = ", ".join(shown(str(part)) for part in key)
            message = f"{names} {written} stands in row {first} already: keep one of the two rows"
            self._findings.add(row, self._sheet.header_of(self._sheet.key[-1]), "duplicate", message)

    def _odd(self) -> list[str]:
        if not self._formulas:
            return []
        what = "1 cell begins" if self._formulas == 1 else f"{self._formulas} different cells begin"
        return [f"{what} like a spreadsheet formula; kept as plain text"]


def _explain(broken: str) -> tuple[str, str]:
    """Say in plain words what the csv module found."""
    if "unexpected end of data" in broken:
        return "unclosed_quote", "a quoted cell is never closed: the file is cut off, or a quote lacks its pair"
    if "expected after" in broken:
        return "bad_quote", 'a quote stands inside a quoted cell: double it ("") or remove it'
    if "field larger than" in broken:
        return "too_long", "a cell has more than 131072 characters: a quote may lack its pair"
    return "bad_csv", f"this is no CSV: {broken}"
