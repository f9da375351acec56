"""Who am I?"""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from hub_registry.access.principal import Role
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx

router = APIRouter(route_class=ScopedRoute, tags=["staff"], responses=RESPONSES)


class Me(BaseModel):
    """The member of staff a token belongs to."""

    staff_id: UUID
    hub_id: UUID
    role: Role
    name: str
    school_id: str | None
    employer_id: UUID | None
    scopes: list[str]


@router.get("/me", summary="Show whose token this is")
async def me(_tx: Tx, caller: Caller) -> Me:
    """Show the caller's hub, role and limits."""
    return Me(
        staff_id=caller.staff_id,
        hub_id=caller.hub_id,
        role=caller.role,
        name=caller.name,
        school_id=caller.school_id,
        employer_id=caller.employer_id,
        scopes=sorted(caller.scopes),
    )
