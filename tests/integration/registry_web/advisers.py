"""Who visits the pages in tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from hub_schemas.ids import new_id
from tests.integration.registry.world import SCHOOL_A, World
from tests.support.visitor import Visitor


async def make_adviser(world: World, school_id: str = SCHOOL_A) -> UUID:
    """A careers adviser of a school."""
    staff_id = new_id()
    async with world.owner() as conn:
        await conn.execute(
            "INSERT INTO staff (staff_id, hub_id, role, name, email, school_id) "
            "VALUES ($1, $2, 'adviser', 'Ann', $3, $4)",
            staff_id,
            world.hub_id,
            f"{staff_id}@staff.example",
            school_id,
        )
    return staff_id


@asynccontextmanager
async def adviser(world: World, school_id: str = SCHOOL_A) -> AsyncIterator[Visitor]:
    """An adviser who has signed in."""
    async with Visitor(world.app) as visitor:
        await visitor.sign_in(await make_adviser(world, school_id))
        yield visitor


async def student_id(world: World, mis_id: str) -> UUID:
    """The id of a student by MIS id."""
    async with world.owner() as conn:
        found: UUID = await conn.fetchval("SELECT student_id FROM student WHERE mis_id = $1", mis_id)
    return found
