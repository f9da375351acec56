"""Staff and their tokens."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub_registry.access.principal import Principal, Role, Scope
from hub_registry.api.fields import Email, IfMatch, Name, cursor_id, partial, tagged, version_of
from hub_registry.api.page import After, Limit, Page, page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.errors import NotAllowed
from hub_registry.staff import repository, service

router = APIRouter(route_class=ScopedRoute, tags=["staff"], responses=RESPONSES)


class NewStaff(BaseModel):
    """A member of staff: of the hub, of a school (adviser) or of an employer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"role": "adviser", "name": "Jo Bloggs", "email": "jo@school.example", "school_id": "148792"}]
        },
    )

    role: Role
    name: Name
    email: Annotated[Email, Field(min_length=3)]
    school_id: str | None = None
    employer_id: UUID | None = None


class _Changeable(BaseModel):
    name: Name
    email: Annotated[Email, Field(min_length=3)]
    active: bool


class StaffChange(partial(_Changeable)):  # type: ignore[misc]
    """Fields to change; what is absent stays."""


class Staff(BaseModel):
    """A member of staff as stored."""

    staff_id: UUID
    role: Role
    name: str
    email: str
    school_id: str | None
    employer_id: UUID | None
    active: bool


class TokenWish(BaseModel):
    """What a new token may do, and for how long."""

    model_config = ConfigDict(extra="forbid")

    scopes: list[Scope] = Field(default=[], description="None: all that the role may")
    days: int | None = Field(default=None, ge=1, le=730, description="Valid so long; absent: the installation's usual")


class MadeToken(BaseModel):
    """A token just made."""

    token_id: UUID
    token: str = Field(description="Shown this once; only its hash is kept")
    expires_at: AwareDatetime


class Token(BaseModel):
    """A token as stored: never its secret."""

    token_id: UUID
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class Tokens(BaseModel):
    """All tokens of a member of staff."""

    items: list[Token]


@router.get("/staff", summary="List staff", response_model=Page[Staff])
async def list_staff(
    tx: Tx,
    caller: Caller,
    *,
    limit: Limit = 100,
    after: After = None,
    role: Role | None = None,
    school_id: str | None = None,
) -> dict[str, Any]:
    """List the hub's staff with those of its schools and employers (hub only)."""
    caller.must_be(Role.HUB)
    rows = await repository.load_page(tx.conn, after=cursor_id(after), limit=limit + 1, role=role, school_id=school_id)
    return page(rows, limit=limit, key="staff_id")


@router.post("/staff", summary="Add a member of staff", status_code=201, response_model=Staff)
async def add_staff(tx: Tx, caller: Caller, body: NewStaff, response: Response) -> dict[str, Any]:
    """Add a member of staff (hub only)."""
    caller.must_be(Role.HUB)
    return tagged(response, await service.add_staff(tx, **body.model_dump()))


@router.get("/staff/{staff_id}", summary="Show a member of staff", response_model=Staff)
async def show_staff(tx: Tx, staff_id: UUID, response: Response) -> dict[str, Any]:
    """Show a member of staff: the hub anyone, others themselves."""
    return tagged(response, await repository.load_staff(tx.conn, staff_id))


@router.patch("/staff/{staff_id}", summary="Change a member of staff", response_model=Staff)
async def change_staff(
    tx: Tx, caller: Caller, *, staff_id: UUID, body: StaffChange, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """Change the given fields (hub only); `active: false` stops all tokens of the person."""
    await repository.load_staff(tx.conn, staff_id)
    caller.must_be(Role.HUB)
    values = body.model_dump(exclude_unset=True)
    return tagged(response, await service.change_staff(tx, staff_id, values, if_match=version_of(if_match)))


@router.post("/staff/{staff_id}/tokens", summary="Make a token", status_code=201)
async def create_token(
    tx: Tx,
    caller: Caller,
    *,
    request: Request,
    response: Response,
    staff_id: UUID,
    body: TokenWish | None = None,
) -> MadeToken:
    """Make a token (hub only). Its secret is in this answer and nowhere else."""
    await repository.load_staff(tx.conn, staff_id)
    caller.must_be(Role.HUB)
    wish = body or TokenWish()
    _must_not_widen(caller, wish)
    days = wish.days or request.app.state.settings.token_days
    made = await service.create_token(tx, staff_id, scopes=wish.scopes, days=days, at=datetime.now(UTC))
    response.headers["Cache-Control"] = "no-store"
    return MadeToken(token_id=made.token_id, token=made.secret, expires_at=made.expires_at)


def _must_not_widen(caller: Principal, wish: TokenWish) -> None:
    if caller.scopes and not (wish.scopes and caller.scopes.issuperset(wish.scopes)):
        raise NotAllowed("a limited token can only make tokens with the same limits or tighter ones")


@router.get("/staff/{staff_id}/tokens", summary="List tokens", response_model=Tokens)
async def list_tokens(tx: Tx, staff_id: UUID) -> dict[str, Any]:
    """List a person's tokens without their secrets: the hub anyone's, others their own."""
    await repository.load_staff(tx.conn, staff_id)
    return {"items": await repository.load_tokens(tx.conn, staff_id)}


@router.delete("/staff/{staff_id}/tokens/{token_id}", summary="Revoke a token", status_code=204)
async def revoke_token(tx: Tx, staff_id: UUID, token_id: UUID) -> None:
    """Make a token useless from now on; doing it twice changes nothing."""
    await repository.load_staff(tx.conn, staff_id)
    await repository.revoke_token(tx.conn, staff_id, token_id, at=datetime.now(UTC))
