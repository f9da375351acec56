"""Use case of downloads: the rows of a table, as far as the caller may see them."""

from typing import Any, Final

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.audit.views import students_seen
from hub_registry.downloads.tables import TABLES, DownloadTable
from hub_registry.errors import NotKnown
from hub_registry.outcomes.planning import count_by_hashing

AT_ONCE: Final = 2_000
"""Rows read at a time: between two of them other requests are answered."""


def find_table(me: Principal, name: str) -> DownloadTable:
    """Find a table among those of the caller's role; raises NotKnown."""
    for table in TABLES[me.role]:
        if table.name == name:
            return table
    raise NotKnown("there is no such table")


async def load_table(tx: Transaction, me: Principal, table: DownloadTable) -> tuple[list[str], list[dict[str, Any]]]:
    """Read a table's columns and rows; students on it count as seen."""
    await count_by_hashing(tx.conn)
    statement = await tx.conn.prepare(table.query)
    columns = [attribute.name for attribute in statement.get_attributes()]
    rows: list[dict[str, Any]] = []
    cursor = await statement.cursor()
    while some := await cursor.fetch(AT_ONCE):
        rows += (dict(row) for row in some)
    if table.of_students:
        await students_seen(tx, me, {row["student_id"] for row in rows}, page="downloads")
    return [column for column in columns if column not in table.kept_back], rows
