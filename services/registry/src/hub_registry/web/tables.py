"""A table as a file: CSV that a spreadsheet takes for text and never for a formula, or JSON.

Source:
    OWASP, "CSV Injection": a cell that begins with one of ``= + - @``, a tab or a line end is read as a formula.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from starlette.responses import Response

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows as CSV for a spreadsheet: UTF-8 with a byte order mark, an apostrophe before what would calculate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_json(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows as a JSON array of objects; days and moments in ISO 8601."""
    items = [{name: row[name] for name in columns} for row in rows]
    return json.dumps(items, ensure_ascii=False, default=str, indent=1).encode()


def download(name: str, ending: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """Answer with a table as a file; ``ending`` is csv or json, ``name`` plain letters of ours."""
    content, kind = (
        (as_csv(columns, rows), "text/csv; charset=utf-8")
        if ending == "csv"
        else (as_json(columns, rows), "application/json")
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return Response(content, media_type=kind, headers=headers)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = _text(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ";".join(str(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
