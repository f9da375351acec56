"""Preferences and pins."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub_registry.access.principal import Role
from hub_registry.api.fields import Ref, cursor_id
from hub_registry.api.page import After, Limit, Page
from hub_registry.api.problem import RESPONSES
from hub_registry.api.route import Caller, ScopedRoute, Tx, Upload, UploadRoute
from hub_registry.api.uploading import CSV, Preview
from hub_registry.imports import Receipt
from hub_registry.pins import service as pins
from hub_registry.preferences import service
from hub_registry.preferences.model import HIGHEST_RANK, Preference
from hub_registry.preferences.service import Ranked
from hub_registry.rounds import repository as rounds
from hub_schemas.ids import RoundId, SchoolId, SlotId, StudentId

router = APIRouter(route_class=ScopedRoute, tags=["preferences"], responses=RESPONSES)
uploads = APIRouter(route_class=UploadRoute, tags=["preferences"], responses=RESPONSES)


class Wish(BaseModel):
    """One ranked slot, named by its id or its reference."""

    model_config = ConfigDict(extra="forbid")

    rank: int = Field(ge=1, le=HIGHEST_RANK, description="1 is best; ranks have no gaps, ties share one")
    slot_id: UUID | None = None
    slot_ref: Ref | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Wish":
        if (self.slot_id is None) == (self.slot_ref is None):
            raise ValueError("name the slot by slot_id or by slot_ref")
        return self


class Wishes(BaseModel):
    """A student's list for a round; it replaces the one before."""

    model_config = ConfigDict(extra="forbid")

    round_id: UUID
    preferences: list[Wish] = Field(max_length=200)


class WishShown(BaseModel):
    """One ranked slot."""

    rank: int
    slot_id: UUID


class WishesShown(BaseModel):
    """A student's list for a round, best first."""

    round_id: UUID
    student_id: UUID
    preferences: list[WishShown]


class PinShown(BaseModel):
    """A student who is to have a slot."""

    student_id: UUID
    slot_id: UUID
    pinned_at: datetime


class NewPin(BaseModel):
    """The slot a student is to have."""

    model_config = ConfigDict(extra="forbid")

    slot_id: UUID


@uploads.post(
    "/rounds/{round_id}/schools/{urn}/preferences/import",
    summary="Submit a school's preferences",
    openapi_extra=CSV,
)
async def import_preferences(
    *, tx: Tx, caller: Caller, upload: Upload, round_id: UUID, urn: str, preview: Preview = False
) -> Receipt:
    """Take a file with mis_id, rank and slot_ref; it replaces what the school submitted before, whole or not at all."""
    caller.must_be(Role.ADVISER, Role.HUB)
    return await service.submit_file(tx, RoundId(round_id), SchoolId(urn), upload, by=caller.staff_id, preview=preview)


@router.put("/students/{student_id}/preferences", summary="Set a student's preferences")
async def put_preferences(tx: Tx, caller: Caller, student_id: UUID, body: Wishes) -> WishesShown:
    """Let a list replace one student's preferences in an open round."""
    caller.must_be(Role.ADVISER, Role.HUB)
    ranked = [Ranked(one.rank, SlotId(one.slot_id) if one.slot_id else None, one.slot_ref) for one in body.preferences]
    stored = await service.put_student(tx, RoundId(body.round_id), StudentId(student_id), ranked, by=caller.staff_id)
    return _shown(body.round_id, student_id, stored)


@router.get("/students/{student_id}/preferences", summary="Show a student's preferences")
async def show_preferences(tx: Tx, caller: Caller, student_id: UUID, round_id: Annotated[UUID, Query()]) -> WishesShown:
    """Show one student's preferences in a round, best first."""
    caller.must_be(Role.ADVISER, Role.HUB)
    return _shown(round_id, student_id, await service.list_student(tx, RoundId(round_id), StudentId(student_id)))


@router.put("/rounds/{round_id}/pins/{student_id}", summary="Pin a student to a slot")
async def put_pin(tx: Tx, caller: Caller, round_id: UUID, student_id: UUID, body: NewPin) -> PinShown:
    """Fix a student to a slot before the round closes, ranked or not."""
    await rounds.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)
    pinned = await pins.pin(tx, RoundId(round_id), StudentId(student_id), SlotId(body.slot_id), by=caller.staff_id)
    return PinShown.model_validate(pinned, from_attributes=True)


@router.delete("/rounds/{round_id}/pins/{student_id}", summary="Take a pin off", status_code=204)
async def delete_pin(tx: Tx, caller: Caller, round_id: UUID, student_id: UUID) -> Response:
    """Let the solver decide again about a student."""
    await rounds.load_round(tx.conn, RoundId(round_id))
    caller.must_be(Role.HUB)
    await pins.unpin(tx, RoundId(round_id), StudentId(student_id))
    return Response(status_code=204)


@router.get("/rounds/{round_id}/pins", summary="List pins")
async def list_pins(tx: Tx, caller: Caller, round_id: UUID, limit: Limit = 100, after: After = None) -> Page[PinShown]:
    """List a round's pins: the hub's all, an adviser's own school."""
    caller.must_be(Role.ADVISER, Role.HUB)
    found = await pins.list_pins(tx, RoundId(round_id), after=StudentId(cursor_id(after)), limit=limit + 1)
    shown = [PinShown.model_validate(one, from_attributes=True) for one in found[:limit]]
    return Page[PinShown](items=shown, next=str(shown[-1].student_id) if len(found) > limit else None)


def _shown(round_id: UUID, student_id: UUID, preferences: list[Preference]) -> WishesShown:
    ordered = sorted(preferences, key=lambda one: (one.rank, str(one.slot_id)))
    wishes = [WishShown(rank=one.rank, slot_id=one.slot_id) for one in ordered]
    return WishesShown(round_id=round_id, student_id=student_id, preferences=wishes)
