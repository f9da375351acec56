"""Files to text: CSV or Parquet bytes become a frame of stripped text, one column for each column of the table.

A row is numbered as a spreadsheet numbers it: the header is row 1, and a blank line counts.
"""

import csv
import io
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from hub_allocation.errors import MOST_TOLD, InputError, and_more
from hub_schemas.tables import BLANKS, Table

ROW = "__row"
_PARQUET = b"PAR1"
_MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}
Fault = tuple[int, str, str]
"""Row, what is wrong, how to mend it."""


@dataclass(slots=True)
class Sheet:
    """One table as text: ``frame`` has its columns and ``ROW``; errors and notices collect as it is checked."""

    table: Table
    frame: pl.DataFrame
    notices: list[str] = field(default_factory=list)
    readable: bool = True
    _faults: dict[str, list[Fault]] = field(default_factory=dict)
    """By column; never many more than are told, however many there are."""
    _untold: dict[str, int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name that errors carry."""
        return self.table.file_name

    @property
    def errors(self) -> list[InputError]:
        """The errors by row and column; of a column with more than MOST_TOLD the first, and how many more there are."""
        place = {name: at for at, name in enumerate(self.table.header)}
        found = [
            InputError(self.file, row, column, what, mend)
            for column in self._faults
            for row, what, mend in sorted(set(self._faults[column]))[:MOST_TOLD]
        ]
        found.sort(key=lambda error: (error.row, place.get(error.column, -1), error.what))
        for column in sorted(self._faults, key=lambda name: place.get(name, -1)):
            count = self._untold.get(column, 0) + max(0, len(self._faults[column]) - MOST_TOLD)
            found += [and_more(self.file, column, count)] if count else []
        return found

    def error(self, row: int, column: str, what: str, mend: str) -> None:
        """Note one error."""
        noted = self._faults.setdefault(column, [])
        noted.append((row, what, mend))
        if len(noted) == 2 * MOST_TOLD:
            noted.sort()
            del noted[MOST_TOLD:]
            self._untold[column] = self._untold.get(column, 0) + MOST_TOLD

    def rows(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """The spreadsheet row of each row of the frame."""
        return self.frame[ROW].to_numpy()


def empty_sheet(table: Table) -> Sheet:
    """A table without rows."""
    schema = dict.fromkeys(table.header, pl.String) | {ROW: pl.Int64}
    return Sheet(table, pl.DataFrame(schema=schema))


def read_sheet(table: Table, data: bytes) -> Sheet:
    """Read the bytes of one file (CSV in UTF-8, or Parquet) as a sheet; what is wrong is noted on it, not raised."""
    sheet = empty_sheet(table)
    raw = _parquet(sheet, data) if data[:4] == _PARQUET else _csv(sheet, data)
    if raw is None or not _columns_fit(sheet, raw.columns):
        sheet.readable = False
        return sheet
    columns = [
        pl.col(name).str.strip_chars(BLANKS) if name in raw.columns else pl.lit("").alias(name) for name in table.header
    ]
    sheet.frame = raw.select(*columns, pl.col(ROW))
    if b"\0" in data:
        _no_zero_bytes(sheet)
    return sheet


def _csv(sheet: Sheet, data: bytes) -> pl.DataFrame | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        sheet.error(row, "", f"is not UTF-8 (byte {data[error.start]:#04x})", "save the file as CSV UTF-8")
        return None
    if not text.strip(BLANKS):
        sheet.error(0, "", "is empty", f"start it with the header {','.join(sheet.table.header)}")
        return None
    if '"' in text or "\r" in text.replace("\r\n", "\n"):
        return _careful(sheet, text)
    plain = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    body = np.frombuffer(plain.encode(), dtype=np.uint8)
    ends = np.flatnonzero(body == ord("\n"))
    commas = np.searchsorted(np.flatnonzero(body == ord(",")), ends)
    if not (np.diff(commas, prepend=0) == commas[0]).all() or (np.diff(ends, prepend=-1) == 1).any():
        return _careful(sheet, text)
    header = [name.strip(BLANKS) for name in plain[: plain.index("\n")].split(",")]
    if len(set(header)) != len(header) or len(header) == 1:
        return _careful(sheet, text)
    frame = pl.DataFrame(schema=dict.fromkeys(header, pl.String))
    if len(ends) > 1:
        frame = pl.read_csv(
            body.tobytes(), has_header=False, skip_lines=1, schema=frame.schema, quote_char=None,
            empty_string_is_null=False,
        )  # fmt: skip
    return frame.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(ROW))


def _careful(sheet: Sheet, text: str) -> pl.DataFrame | None:
    """Read row by row: slower, but it says which row is broken, and knows quotes."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error as error:
        what = "ends inside quotes" if "end of data" in str(error) else f"can't be read: {error}"
        sheet.error(len(records) + 1, "", what, "close the quotes, or fetch the whole file again if it was cut")
        return None
    header = [name.strip(BLANKS) for name in records[0]]
    other = [name for mark, name in _MARKS.items() if len(header) == 1 and mark in header[0]]
    if other:
        sheet.error(1, "", f"has {other[0]} between the cells", "save it as CSV with commas between them")
        return None
    if len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        sheet.error(1, "", f"has the column {', '.join(twice)} twice", "keep one of them")
        return None
    kept: list[list[str]] = []
    numbers: list[int] = []
    for number, record in enumerate(records[1:], start=2):
        if not record or (len(record) == 1 and not record[0].strip(BLANKS)):
            continue
        if len(record) != len(header):
            what = f"has {len(record)} cells, the header names {len(header)}"
            sheet.error(number, "", what, "complete the row, or put quotes round cells that hold commas")
            continue
        kept.append(record)
        numbers.append(number)
    if sheet.errors:
        return None
    columns = {name: [record[place] for record in kept] for place, name in enumerate(header)}
    return pl.DataFrame({**columns, ROW: numbers}, schema={**dict.fromkeys(header, pl.String), ROW: pl.Int64})


def _parquet(sheet: Sheet, data: bytes) -> pl.DataFrame | None:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
        frame = frame.rename({ROW: f"{ROW} "}) if ROW in frame.columns else frame  # a name that only rows may have
        columns = [_as_text(frame[name]) for name in frame.columns if name in sheet.table.header]
        unknown = [pl.Series(name, [""] * len(frame)) for name in frame.columns if name not in sheet.table.header]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:  # polars panics at some damaged pages
        what = next(iter(str(error).splitlines()), "it is damaged")
        sheet.error(0, "", f"can't be read as Parquet: {what}", "write it again, or use CSV")
        return None
    return pl.DataFrame([*columns, *unknown, pl.int_range(2, len(frame) + 2, dtype=pl.Int64, eager=True).alias(ROW)])


def _as_text(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.List):
        column = column.list.eval(pl.element().cast(pl.String)).list.join(";")
    elif column.dtype.is_float() and (column.fill_null(0).floor() == column.fill_null(0)).all():
        column = column.cast(pl.Int64)
    return column.cast(pl.String).fill_null("")


def _columns_fit(sheet: Sheet, found: list[str]) -> bool:
    table = sheet.table
    found = [name for name in found if name != ROW]
    unknown = [name or "(no name)" for name in found if name not in table.header]
    missing = [column for column in table.columns if column.name not in found]
    required = [column for column in missing if column.required]
    if unknown:
        sheet.notices.append(f"{sheet.file}: ignored unknown columns: {', '.join(unknown)}")
    for column in required:
        what = "the column is missing"
        if unknown:
            what += f" (the file has {', '.join(name or '(no name)' for name in found)})"
        sheet.error(1, column.name, what, f"add it: {column.meaning}")
    blank = [f"{column.name} ({column.blank})" for column in missing if not column.required]
    if blank:
        sheet.notices.append(f"{sheet.file}: columns that are not there are taken as blank: {', '.join(blank)}")
    return not required


def _no_zero_bytes(sheet: Sheet) -> None:
    for name in sheet.table.header:
        for row in sheet.frame.filter(pl.col(name).str.contains("\0", literal=True))[ROW]:
            sheet.error(row, name, "holds a NUL character", "remove it")
