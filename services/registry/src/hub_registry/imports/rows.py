"""Rows on their way into PostgreSQL: one jsonb array a statement, taken apart by ``jsonb_populate_recordset``."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.imports.progress import current

AT_ONCE: Final = 1_000
"""Rows a statement: making one takes some milliseconds, in which nothing else is answered, large as the file may be."""


def plain(value: Any) -> Any:
    """Give a value as JSON has it."""
    return str(value) if isinstance(value, (UUID, date, datetime)) else value


async def write(conn: Conn, statement: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Run a statement whose $1 is a jsonb array of rows, as often as it takes."""
    for chunk in _chunks({name: plain(value) for name, value in row.items()} for row in rows):
        await conn.execute(statement, chunk)
        current().wrote(len(chunk))


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, AT_ONCE)):
        yield chunk
