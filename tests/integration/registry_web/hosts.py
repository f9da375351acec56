"""People of employers at the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from hub_schemas.ids import new_id
from tests.integration.registry.world import World
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import day, person
from tests.support.visitor import Visitor

WHAT = {
    "title": "A week <i>making</i> maps",
    "sector": "Digital and media",
    "kind": "placement",
    "mode": "in_person",
    "postcode": "l1 8jx",
}
WHEN = {**day("first_date", "2027-06-07"), **day("last_date", "2027-06-11"), "more_days": "14/6/2027 to 15/6/2027"}
MANY = {"capacity": "3", "year_groups": ["10"], "access_provided": ["step_free"], "access_other": "Prayer room"}


@asynccontextmanager
async def host(world: World, employer_id: object) -> AsyncIterator[Visitor]:
    """Somebody of an employer who is signed in."""
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await person(world, "employer", employer_id=UUID(str(employer_id))))
        yield visitor


async def another_employer(world: World, **fields: Any) -> UUID:
    """Make an employer that the hub has not verified."""
    employer_id = new_id()
    row = {"employer_ref": f"E-{employer_id.hex[-8:]}", "name": "Another", "sector": "Health", "postcode": "L1 8JX"}
    row |= fields
    async with world.owner() as conn:
        await conn.execute(
            "INSERT INTO employer (employer_id, hub_id, employer_ref, name, sector, postcode) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            employer_id,
            world.hub_id,
            *row.values(),
        )
    return employer_id


async def slot_id_of(rounds: RoundWorld, ref: str) -> UUID:
    """Find a slot by its reference."""
    [row] = await rounds.fetch("SELECT slot_id FROM slot WHERE slot_ref = $1", ref)
    found: UUID = row["slot_id"]
    return found
