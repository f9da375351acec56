"""Use cases of pictures: the pictures of a run, each from its own rows, as far as the caller may see them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from hub_chassis.transaction import Transaction
from hub_registry.errors import NotKnown
from hub_registry.pictures import journeys, ranks
from hub_registry.pictures.model import Picture
from hub_registry.placements import figures
from hub_registry.placements import repository as placements
from hub_schemas.ids import RunId

OfRun = Callable[[Transaction, RunId], Awaitable[Picture]]


async def _ranks(tx: Transaction, run_id: RunId) -> Picture:
    counts = await placements.load_counts(tx.conn, run_id)
    return ranks.tell(await placements.load_ranks(tx.conn, run_id), unplaced=counts["unplaced"])


async def _journeys(tx: Transaction, run_id: RunId) -> Picture:
    by_minute = await figures.load_by_minute(tx.conn, run_id)
    without = sum(number for mode, _, number in by_minute if not mode)
    return journeys.tell([row for row in by_minute if row[0]], without=without)


OF_RUN: Final[Mapping[str, OfRun]] = {
    ranks.NAME: _ranks,
    journeys.NAME: _journeys,
}
FOR_SCHOOLS: Final = (ranks.NAME, journeys.NAME)
"""Pictures that a school sees of its own part of a published run: each student in them is its own."""


async def of_run(tx: Transaction, run_id: RunId, *names: str) -> list[Picture]:
    """Make these pictures of a run with a result; raises NotKnown for a name that there is not."""
    for name in names:
        if name not in OF_RUN:
            raise NotKnown("there is no such picture")
    return [await OF_RUN[name](tx, run_id) for name in names]
