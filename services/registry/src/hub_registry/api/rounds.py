"""Rounds."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub_chassis.saying import say_moment
from hub_registry.access.principal import Role
from hub_registry.api.fields import Name, cursor_id
from hub_registry.api.page import After, Limit, Page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx
from hub_registry.inputs import repository as inputs
from hub_registry.inputs import service as freezing
from hub_registry.inputs.looking import look
from hub_registry.inputs.missing import Missing
from hub_registry.rounds import repository, service
from hub_registry.rounds.model import Round, RoundState
from hub_schemas.ids import ProgrammeId, RoundId

router = APIRouter(route_class=ScopedRoute, tags=["rounds"], responses=RESPONSES)

Reason = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9_]+$", description="Coded reason")]


class NewRound(BaseModel):
    """A round to make; it begins as a draft."""

    model_config = ConfigDict(extra="forbid")

    programme_id: UUID
    name: Name
    opens_at: AwareDatetime | None = Field(default=None, description="In the future: it opens by itself then")
    closes_at: AwareDatetime = Field(description="It closes by itself then")
    policy: dict[str, Any] = Field(default={}, description="Keys of policy.toml; what is left out has its default")


class RoundChange(BaseModel):
    """What to change of a draft; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime = datetime.max.replace(tzinfo=UTC)
    policy: dict[str, Any] = {}


class Cancelling(BaseModel):
    """Why a round is cancelled."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class InputShown(BaseModel):
    """The frozen input."""

    input_id: UUID
    parent_input_id: UUID | None = Field(description="The input it follows, when something changed after closing")
    sha256: str
    rows: dict[str, int]
    chunks: int
    frozen_at: datetime
    held_at: datetime | None = Field(description="When matching held all of it and it hashed right")


class Lottery(BaseModel):
    """The lottery seed: committed to at opening, revealed at closing."""

    commitment: str | None = Field(description="SHA-256 of the seed's text, from opening on")
    seed: str | None = Field(description="From closing on")


class RoundShown(BaseModel):
    """A round."""

    round_id: UUID
    programme_id: UUID
    name: str
    state: RoundState
    opens_at: datetime | None
    opens_at_london: str | None
    closes_at: datetime
    closes_at_london: str
    policy: dict[str, Any]
    lottery: Lottery
    input: InputShown | None = Field(description="For the hub, from closing on")
    opened_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    published_at: datetime | None
    published_run_id: UUID | None
    closing_failed: str | None = Field(
        description="For the hub: why the round could not be closed at its time; it is tried again every minute"
    )


@router.post("/rounds", summary="Make a round", status_code=201)
async def create_round(tx: Tx, caller: Caller, body: NewRound) -> RoundShown:
    """Make a draft; its policy's travel limit is the programme's unless said otherwise."""
    caller.must_be(Role.HUB)
    round_ = await service.create_round(
        tx,
        ProgrammeId(body.programme_id),
        name=body.name,
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        policy=body.policy,
        by=caller.staff_id,
    )
    return await _shown(tx, caller, round_)


@router.get("/rounds", summary="List rounds")
async def list_rounds(tx: Tx, caller: Caller, limit: Limit = 100, after: After = None) -> Page[RoundShown]:
    """List the hub's rounds, oldest first."""
    rounds = await repository.list_rounds(tx.conn, after=RoundId(cursor_id(after)), limit=limit + 1)
    shown = [await _shown(tx, caller, round_) for round_ in rounds[:limit]]
    return Page[RoundShown](items=shown, next=str(shown[-1].round_id) if len(rounds) > limit else None)


@router.get("/rounds/{round_id}", summary="Show a round")
async def show_round(tx: Tx, caller: Caller, round_id: UUID) -> RoundShown:
    """Show a round; the hub also sees its frozen input and whether matching holds it."""
    return await _shown(tx, caller, await repository.load_round(tx.conn, RoundId(round_id)))


@router.patch("/rounds/{round_id}", summary="Change a draft")
async def change_round(tx: Tx, caller: Caller, round_id: UUID, body: RoundChange) -> RoundShown:
    """Change a draft's name, times or policy; 409 once it is open."""
    await _for_hub(tx, caller, round_id)
    changes = body.model_dump(exclude_unset=True)
    return await _shown(tx, caller, await service.change_round(tx, RoundId(round_id), changes))


@router.post("/rounds/{round_id}/open", summary="Open a round")
async def open_round(tx: Tx, caller: Caller, round_id: UUID) -> RoundShown:
    """Let schools submit; 409 when the programme has another round that is open, or closed and not published."""
    await _for_hub(tx, caller, round_id)
    return await _shown(tx, caller, await service.open_round(tx, RoundId(round_id)))


@router.post("/rounds/{round_id}/close", summary="Close a round")
async def close_round(tx: Tx, caller: Caller, round_id: UUID) -> RoundShown:
    """Take no more changes; the input is frozen in this very transaction and sent to matching."""
    await _for_hub(tx, caller, round_id)
    return await _shown(tx, caller, await service.close_round(tx, RoundId(round_id)))


@router.post("/rounds/{round_id}/inputs", summary="Freeze a closed round's input anew", status_code=201)
async def revise_input(tx: Tx, caller: Caller, round_id: UUID) -> RoundShown:
    """Freeze what stands now, after a withdrawal, a new or lost slot or a pin; 409 when nothing has changed.

    Runs asked for from here on solve it: a change run (`parent_run_id`) keeps as much as it can of what stands.
    """
    await _for_hub(tx, caller, round_id)
    return await _shown(tx, caller, await service.revise_input(tx, RoundId(round_id)))


@router.post("/rounds/{round_id}/cancel", summary="Cancel a round")
async def cancel_round(tx: Tx, caller: Caller, round_id: UUID, body: Cancelling) -> RoundShown:
    """End a round that has not been published, with a coded reason."""
    await _for_hub(tx, caller, round_id)
    return await _shown(tx, caller, await service.cancel_round(tx, RoundId(round_id), body.reason))


@router.get("/rounds/{round_id}/missing", summary="See what is missing before closing")
async def show_missing(tx: Tx, caller: Caller, round_id: UUID) -> Missing:
    """Schools that have not submitted, students without a feasible choice, slots kept out, what can't be solved."""
    round_ = await repository.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)
    return (await look(tx, round_, good_for_s=0)).missing


@router.get("/rounds/{round_id}/input.zip", summary="Download the frozen input", response_class=Response)
async def download_input(tx: Tx, caller: Caller, round_id: UUID) -> Response:
    """Give the frozen tables and the policy as the folder that ``hub-matching solve`` takes; opaque ids, no names."""
    round_ = await repository.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)
    content = await freezing.archive(tx, round_)
    name = f'attachment; filename="round-{round_id}.zip"'
    return Response(content, media_type="application/zip", headers={"Content-Disposition": name})


async def _for_hub(tx: Tx, caller: Caller, round_id: UUID) -> None:
    """Let the hub pass; raises RoundNotKnown for who may not know of the round, NotAllowed for who may."""
    await repository.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)


async def _shown(tx: Tx, caller: Caller, round_: Round) -> RoundShown:
    frozen = await inputs.load_input(tx.conn, round_.input_id) if round_.input_id else None
    return RoundShown(
        **{name: getattr(round_, name) for name in _SAME},
        opens_at_london=say_moment(round_.opens_at) if round_.opens_at else None,
        closes_at_london=say_moment(round_.closes_at),
        policy=round_.policy.model_dump(mode="json", exclude={"lottery_seed"}),
        lottery=Lottery(commitment=round_.lottery_commitment if round_.opened_at else None, seed=round_.revealed_seed),
        input=InputShown.model_validate(frozen, from_attributes=True) if frozen else None,
        closing_failed=round_.closing_failed if caller.role is Role.HUB else None,
    )


_SAME = (
    "round_id", "programme_id", "name", "state", "opens_at", "closes_at", "opened_at", "closed_at", "cancelled_at",
    "cancel_reason", "published_at", "published_run_id",
)  # fmt: skip
