"""What our own notifier asks, with the token our services share: whom to tell, and what, at the moment of sending."""

import secrets
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from hub_chassis.database import Conn, Database
from hub_registry.errors import NotAuthenticated
from hub_registry.notices import service
from hub_registry.settings import Settings
from hub_schemas.events.notices import RecipientKind
from hub_schemas.ids import RoundId, RunId

BASE = "/internal/v1"


class Recipient(BaseModel):
    """Whom to tell; an id only."""

    recipient_id: str
    kind: RecipientKind


class RecipientsShown(BaseModel):
    """Whom to tell of a published run."""

    result_sha256: str
    held: bool
    recipients: list[Recipient]


class Address(BaseModel):
    """Where a notice goes."""

    name: str
    email: str


class NoticeView(BaseModel):
    """What one recipient is told: counts, dates, a link."""

    result_sha256: str
    held: bool
    address: Address
    view: dict[str, Any]


async def _reading(request: Request) -> AsyncIterator[Conn]:
    settings: Settings = request.app.state.settings
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected = settings.internal_token.get_secret_value()
    if scheme.lower() != "bearer" or not secrets.compare_digest(token.encode(), expected.encode()):
        raise NotAuthenticated("this is for our own services")
    databases: dict[str, Database] = request.app.state.databases
    async with databases["worker"].connection() as conn:
        yield conn


Reading = Annotated[Conn, Depends(_reading)]
router = APIRouter(tags=["internal"], include_in_schema=False)


@router.get("/rounds/{round_id}/recipients")
async def list_recipients(conn: Reading, round_id: UUID, run_id: UUID) -> RecipientsShown:
    """Whom to tell of a published run; 404: there is none, 409: another one stands now."""
    found = await service.recipients(conn, RoundId(round_id), RunId(run_id))
    return RecipientsShown(
        result_sha256=found.result_sha256,
        held=found.held,
        recipients=[Recipient(recipient_id=recipient, kind=kind) for recipient, kind in found.recipients],
    )


@router.get("/rounds/{round_id}/notices/{kind}/{recipient_id}")
async def show_notice(
    *, conn: Reading, request: Request, round_id: UUID, kind: RecipientKind, recipient_id: UUID, run_id: UUID
) -> NoticeView:
    """One recipient's address and view; 404: there is no such recipient (any more)."""
    settings: Settings = request.app.state.settings
    link = f"{settings.public_url.rstrip('/')}/rounds/{round_id}"
    shown = await service.show(conn, RoundId(round_id), RunId(run_id), kind=kind, recipient_id=recipient_id, link=link)
    return NoticeView(
        result_sha256=shown.result_sha256, held=shown.held, address=Address(**shown.address), view=shown.view
    )
