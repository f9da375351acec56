"""The demo's people: whom a visitor may be with one click."""

from dataclasses import dataclass
from uuid import UUID

from hub_chassis.database import Database
from hub_registry.access.principal import Principal
from hub_registry.errors import NotKnown

_PEOPLE = "SELECT staff_id, hub_id, role, name, school_id, employer_id, place FROM demo_people()"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as, and where they belong: a school, an employer, the hub."""

    principal: Principal
    place: str


async def demo_people(database: Database) -> list[DemoPerson]:
    """Read a few people of each role; the caller has made sure of demo mode."""
    async with database.connection() as conn:
        rows = await conn.fetch(_PEOPLE)
    return [
        DemoPerson(
            Principal.of(row),
            row["place"],
        )
        for row in rows
    ]


async def demo_person(database: Database, staff_id: UUID) -> Principal:
    """Give one of the demo's people; raises NotKnown."""
    for person in await demo_people(database):
        if person.principal.staff_id == staff_id:
            return person.principal
    raise NotKnown("there is no such person")
