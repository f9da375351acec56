"""Columns of text to columns of values: each distinct text is read once, however many rows hold it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hub_allocation.reading.cells import BadCell
from hub_allocation.reading.frames import ROW, Sheet

T = TypeVar("T")
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Coded(Generic[T]):
    """A column whose rows share values: row r holds ``values[codes[r]]``; values are in order of their text."""

    codes: Ints
    values: list[T]

    def __getitem__(self, row: int) -> T:
        return self.values[int(self.codes[row])]

    def __len__(self) -> int:
        return len(self.codes)


def coded(sheet: Sheet, column: str, read: Callable[[str], T]) -> Coded[T]:
    """Read a column; cells that can't be read are noted on the sheet and hold the first readable value."""
    series = sheet.frame[column]
    distinct = series.unique().sort()
    index = pl.DataFrame({"text": distinct, "code": pl.int_range(len(distinct), dtype=pl.Int32, eager=True)})
    codes = pl.DataFrame({"text": series}).join(index, on="text", how="left", maintain_order="left")["code"].to_numpy()
    values: list[T] = []
    bad: dict[int, tuple[str, str]] = {}
    for code, text in enumerate(distinct):
        try:
            values.append(read(text))
        except BadCell as error:
            bad[code] = (error.what, error.mend)  # an error itself would keep what it was raised in
            values.append(values[0] if values else None)  # type: ignore[arg-type]
    if bad:
        places = np.flatnonzero(np.isin(codes, list(bad)))
        for row, code in zip(sheet.rows()[places].tolist(), codes[places].tolist(), strict=True):
            sheet.error(row, column, *bad[code])
    return Coded(codes, values)


def numbers(sheet: Sheet, column: str, read: Callable[[str], int]) -> NDArray[np.int64]:
    """Read a column of whole numbers; cells that can't be read are noted on the sheet."""
    column_ = coded(sheet, column, read)
    values = np.array([0 if value is None else value for value in column_.values], dtype=np.int64)
    return values[column_.codes] if len(values) else np.zeros(0, dtype=np.int64)


def identifiers(sheet: Sheet, column: str) -> list[str]:
    """Read a column of ids that must be filled and unique; repeats are noted with the row that came first."""
    frame = sheet.frame
    for row in frame.filter(pl.col(column) == "")[ROW]:
        sheet.error(row, column, "is blank", "give every row an id")
    for row in frame.filter(pl.col(column).str.contains(r"[\x00-\x1f\x7f]"))[ROW]:
        # A line end could make one draw of two pairs: the lottery puts ids on lines.
        sheet.error(row, column, "holds a line end or another control character", "write the id on one line")
    firsts = frame.group_by(column).agg(pl.col(ROW).min().alias("first"), pl.len().alias("n")).filter(pl.col("n") > 1)
    repeats = frame.join(firsts, on=column).filter((pl.col(ROW) > pl.col("first")) & (pl.col(column) != ""))
    for row, value, first in repeats.select(ROW, column, "first").iter_rows():
        sheet.error(row, column, f"{value} is already in row {first}", "keep one row for each id")
    return frame[column].to_list()


def references(sheet: Sheet, column: str, known: list[str], *, of: str, blank_ok: bool = False) -> Ints:
    """Look up ids in ``known`` (the ids of table ``of``); unknown ones are noted, they and blanks give -1."""
    index = pl.DataFrame(
        {"id": pl.Series(known, dtype=pl.String), "at": pl.int_range(len(known), dtype=pl.Int32, eager=True)}
    ).unique("id", keep="first")
    frame = sheet.frame.select(pl.col(column).alias("id"), ROW)
    found = frame.join(index, on="id", how="left", maintain_order="left")
    missing = found.filter(pl.col("at").is_null())
    if blank_ok:
        missing = missing.filter(pl.col("id") != "")
    for value, row, _ in missing.iter_rows():
        what = f"{value} is not in {of}" if value else "is blank"
        sheet.error(row, column, what, f"use an id of {of}, or add its row there")
    return found["at"].fill_null(-1).to_numpy()
