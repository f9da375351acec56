"""Use cases about programmes."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.errors import Finding, Invalid, Stale
from hub_registry.programmes import repository
from hub_schemas.ids import new_id


async def make_programme(tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Set up a programme; raises AlreadyExists, Invalid."""
    row = {**values, "programme_id": new_id(), "hub_id": tx.hub_id}
    _must_be_possible(row)
    await repository.insert_programme(tx.conn, row)
    return await repository.load_programme(tx.conn, row["programme_id"])


async def change_programme(
    tx: Transaction, programme_id: UUID, values: Mapping[str, Any], *, if_match: str | None
) -> dict[str, Any]:
    """Change some of a programme's fields; raises ProgrammeNotKnown, Stale, AlreadyExists, Invalid."""
    stored = await repository.load_programme(tx.conn, programme_id, lock=True)
    if if_match is not None and if_match != stored["version"]:
        raise Stale("the programme was changed since you read it: read it again")
    row = {**stored, **values}
    _must_be_possible(row)
    await repository.update_programme(tx.conn, row)
    return await repository.load_programme(tx.conn, programme_id)


def _must_be_possible(row: Mapping[str, Any]) -> None:
    found = []
    first: date = row["first_date"]
    last: date = row["last_date"]
    if last < first:
        found.append(Finding(field="last_date", code="impossible_date", message="lies before first_date"))
    start, end = int(row["school_year"][:4]), int(row["school_year"][-2:])
    if (start + 1) % 100 != end:
        found.append(
            Finding(field="school_year", message=f"after {start} comes {(start + 1) % 100:02d}, not {end:02d}")
        )
    elif not (date(start, 8, 1) <= first and last <= date(start + 1, 9, 30)):
        message = f"the days must lie in the school year {row['school_year']}"
        found.append(Finding(field="first_date", code="impossible_date", message=message))
    if found:
        raise Invalid("the programme is not possible so", found)
