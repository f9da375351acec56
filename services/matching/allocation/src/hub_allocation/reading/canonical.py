"""The canonical bytes of a sheet, by column: the same bytes as hub_schemas.tables.canonical_bytes, for big files."""

import polars as pl

from hub_allocation.reading.frames import ROW, Sheet
from hub_schemas.tables import header_only


def sort_canonically(sheet: Sheet) -> None:
    """Put a sheet's rows in canonical order (the text of its key, bytewise; a rank as a number)."""
    table = sheet.table
    keys = [pl.col(name).cast(pl.Int64, strict=False) if name in table.numeric else pl.col(name) for name in table.key]
    rest = [pl.col(name) for name in table.header if name not in table.key]
    sheet.frame = sheet.frame.sort([*keys, *rest, pl.col(ROW)])


def canonical_bytes(sheet: Sheet) -> bytes:
    """The canonical CSV file of a sheet already in canonical order."""
    if sheet.frame.is_empty():
        return header_only(sheet.table)
    cells = []
    for name in sheet.table.header:
        cell = pl.col(name)
        quoted = pl.concat_str([pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"')])
        cells.append(pl.when(cell.str.contains(r'[,"\r\n]')).then(quoted).otherwise(cell))
    lines: str = sheet.frame.select(pl.concat_str(cells, separator=",").str.join("\n")).item()
    return header_only(sheet.table) + lines.encode() + b"\n"
