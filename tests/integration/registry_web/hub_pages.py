"""People at the hub's pages, and those who must not get there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_A, World
from tests.integration.registry_rounds.builder import RoundWorld
from tests.support.visitor import Visitor


async def person(world: World, role: str, *, hub_id: UUID | None = None, **of: Any) -> UUID:
    """Make somebody to sign in as."""
    staff_id = new_id()
    async with world.owner() as conn:
        await conn.execute(
            "INSERT INTO staff (staff_id, hub_id, role, name, email, school_id, employer_id) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7)",
            staff_id,
            hub_id or world.hub_id,
            role,
            f"Somebody, {role}",
            f"{staff_id}@staff.example",
            of.get("school_id"),
            of.get("employer_id"),
        )
    return staff_id


async def other_hub(world: World) -> UUID:
    """Make another hub; gives its id."""
    hub_id = new_id()
    async with world.owner() as conn:
        await conn.execute("INSERT INTO hub (hub_id, slug, name) VALUES ($1, $2, 'Another hub')", hub_id, f"h-{hub_id}")
    return hub_id


@asynccontextmanager
async def coordinator(world: World, *, hub_id: UUID | None = None) -> AsyncIterator[Visitor]:
    """A coordinator who is signed in."""
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await person(world, "hub", hub_id=hub_id))
        yield visitor


async def refused_to_others(rounds: RoundWorld, *addresses: str) -> None:
    """Make sure that these pages are not there for an adviser, an employer, and another hub's coordinator."""
    world = rounds.world
    others = (
        await person(world, "adviser", school_id=SCHOOL_A),
        await person(world, "employer", employer_id=UUID(rounds.employer_id)),
        await person(world, "operator"),
        await person(world, "hub", hub_id=await other_hub(world)),
    )
    for staff_id in others:
        async with Visitor(world.app) as visitor:
            await visitor.sign_in(staff_id)
            for address in addresses:
                page = await visitor.open(address)
                assert page.status_code == 404, (address, staff_id, visitor.text()[:300])


def day(name: str, on: str) -> dict[str, str]:
    """Fill the three fields of a day, from 2027-06-11."""
    year, month, number = on.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}
