"""Use cases of pictures: the pictures of a run, each from its own rows, as far as the caller may see them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from hub_chassis.transaction import Transaction
from hub_registry.errors import NotKnown
from hub_registry.outcomes.comparing import Changes
from hub_registry.outcomes.recruiting import load_recruiting
from hub_registry.pictures import comparing, days, demand, flow, journeys, ranks, region
from hub_registry.pictures.model import Picture
from hub_registry.placements import figures
from hub_registry.placements import repository as placements
from hub_schemas.ids import EmployerId, RoundId, RunId

OfRun = Callable[[Transaction, RunId], Awaitable[Picture]]


async def _ranks(tx: Transaction, run_id: RunId) -> Picture:
    counts = await placements.load_counts(tx.conn, run_id)
    return ranks.tell(await placements.load_ranks(tx.conn, run_id), unplaced=counts["unplaced"])


async def _journeys(tx: Transaction, run_id: RunId) -> Picture:
    by_minute = await figures.load_by_minute(tx.conn, run_id)
    without = sum(number for mode, _, number in by_minute if not mode)
    return journeys.tell([row for row in by_minute if row[0]], without=without)


async def _flow(tx: Transaction, run_id: RunId) -> Picture:
    return flow.tell(await figures.load_flow(tx.conn, run_id))


async def _days(tx: Transaction, run_id: RunId) -> Picture:
    found = await figures.load_seats(tx.conn, run_id)
    return days.tell([(sector, days.days_in(dates), seats, used) for sector, dates, seats, used in found])


async def _region(tx: Transaction, run_id: RunId) -> Picture:
    return region.tell(await figures.load_schools(tx.conn, run_id), await figures.load_areas(tx.conn, run_id))


async def _by_sector(tx: Transaction, run_id: RunId) -> Picture:
    rows = (await load_recruiting(tx.conn, run_id, best=0)).demand
    return demand.tell(demand.BY_SECTOR, [(row["sector"], row["first_choices"], row["seats"]) for row in rows])


async def _by_area(tx: Transaction, run_id: RunId) -> Picture:
    rows = (await load_recruiting(tx.conn, run_id, best=0)).demand
    told = [(row["area"] or "Virtual", row["first_choices"], row["seats"]) for row in rows]
    return demand.tell(demand.BY_AREA, told)


OF_RUN: Final[Mapping[str, OfRun]] = {
    ranks.NAME: _ranks,
    journeys.NAME: _journeys,
    flow.NAME: _flow,
    demand.BY_SECTOR: _by_sector,
    demand.BY_AREA: _by_area,
    region.NAME: _region,
    days.NAME: _days,
}
FOR_SCHOOLS: Final = (ranks.NAME, journeys.NAME)
"""Pictures that a school sees of its own part of a published run: each student in them is its own."""


async def of_run(tx: Transaction, run_id: RunId, *names: str) -> list[Picture]:
    """Make these pictures of a run with a result; raises NotKnown for a name that there is not."""
    for name in names:
        if name not in OF_RUN:
            raise NotKnown("there is no such picture")
    return [await OF_RUN[name](tx, run_id) for name in names]


async def of_two(tx: Transaction, one: RunId, other: RunId, changes: Changes) -> list[Picture]:
    """Make the pictures of two runs with a result beside each other."""
    found = [
        (await placements.load_ranks(tx.conn, run_id), (await placements.load_counts(tx.conn, run_id))["unplaced"])
        for run_id in (one, other)
    ]
    by_minute = [await figures.load_by_minute(tx.conn, run_id) for run_id in (one, other)]
    counts = {name: changes.count(name) for name in ("loses", "gains", "elsewhere", "same", "in_one_only")}
    return [
        comparing.tell_changes(counts),
        comparing.tell_ranks(found[0], found[1]),
        comparing.tell_journeys(by_minute[0], by_minute[1]),
    ]


async def of_employers(tx: Transaction, run_id: RunId, employer_ids: Sequence[EmployerId]) -> Picture:
    """Make the calendar of how full each day is at these employers."""
    found = await figures.load_employer_seats(tx.conn, run_id, employer_ids)
    told = [(employer, days.days_in(dates), seats, used) for employer, dates, seats, used in found]
    return days.tell(told, name=days.OF_EMPLOYERS, of="employer")


async def demand_of_round(tx: Transaction, round_id: RoundId) -> Picture:
    """Make the picture of what is wanted beside what is offered by sector, as entered so far."""
    return demand.tell(demand.BY_SECTOR, await figures.load_demand(tx.conn, round_id))
