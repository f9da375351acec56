"""What our own notifier asks, with the token our services share: whom to tell, and what, at the moment of sending."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from hub_chassis.between import is_ours
from hub_chassis.database import Conn, Database
from hub_registry.chasing import service as chasing
from hub_registry.errors import NotAuthenticated
from hub_registry.notice_requests import service as notice_requests
from hub_registry.notices import service
from hub_registry.settings import Settings
from hub_schemas.events.notices import RecipientKind
from hub_schemas.ids import RoundId, RunId

BASE = "/internal/v1"
AT_ONCE = 100


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

    recipient_id: UUID
    kind: RecipientKind | Literal["person"]
    address: Address
    view: dict[str, Any]


class NoticeViews(BaseModel):
    """What recipients are told; who isn't there (any more) is left out."""

    result_sha256: str
    held: bool
    notices: list[NoticeView]


def _must_be_ours(request: Request) -> Database:
    settings: Settings = request.app.state.settings
    if not is_ours(settings, request.headers.get("authorization", "")):
        raise NotAuthenticated("this is for our own services")
    databases: dict[str, Database] = request.app.state.databases
    return databases["worker"]


async def _reading(request: Request) -> AsyncIterator[Conn]:
    async with _must_be_ours(request).connection() as conn:
        yield conn


Reading = Annotated[Conn, Depends(_reading)]
Ids = Annotated[Sequence[UUID], Query(max_length=AT_ONCE)]
router = APIRouter(tags=["internal"])


@router.get("/openapi.json", include_in_schema=False)
async def describe(_: Reading) -> dict[str, Any]:
    """Describe this API, which the public document leaves out."""
    return get_openapi(title="Placement Hub registry, internal", version="1", routes=router.routes)


@router.get("/rounds/{round_id}/recipients")
async def list_recipients(conn: Reading, round_id: UUID, run_id: UUID) -> RecipientsShown:
    """Whom to tell of a published run; 404: there is none, 409: another one stands now."""
    found = await service.recipients(conn, RoundId(round_id), RunId(run_id))
    return RecipientsShown(
        result_sha256=found.result_sha256,
        held=found.held,
        recipients=[Recipient(recipient_id=recipient, kind=kind) for recipient, kind in found.recipients],
    )


@router.get("/rounds/{round_id}/notices")
async def show_notices(
    *,
    conn: Reading,
    request: Request,
    round_id: UUID,
    run_id: UUID,
    adviser: Ids = (),
    employer: Ids = (),
) -> NoticeViews:
    """Addresses and views of up to 100 advisers and 100 employers as they are now; who isn't there is left out."""
    settings: Settings = request.app.state.settings
    link = f"{settings.public_url.rstrip('/')}/rounds/{round_id}"
    found = await service.show(conn, RoundId(round_id), RunId(run_id), advisers=adviser, employers=employer, link=link)
    return _views(found)


@router.get("/rounds/{round_id}/chases")
async def show_chases(
    *,
    conn: Reading,
    request: Request,
    round_id: UUID,
    run_id: UUID,
    adviser: Ids = (),
    employer: Ids = (),
) -> NoticeViews:
    """The same of reminders; ``run_id`` is the hub's request. 404: there is none, 409: the round is over."""
    settings: Settings = request.app.state.settings
    link = f"{settings.public_url.rstrip('/')}/"
    found = await chasing.show(conn, RoundId(round_id), run_id, advisers=adviser, employers=employer, link=link)
    return _views(found)


@router.post("/notice-requests/{request_id}")
async def show_request(request: Request, request_id: UUID) -> NoticeViews:
    """Address and view of a notice to one person, with a link made for this answer. 404: nobody asked, 409: over."""
    settings: Settings = request.app.state.settings
    async with _must_be_ours(request).transaction() as tx:
        return _views(await notice_requests.show(tx.conn, request_id, public_url=settings.public_url))


def _views(found: service.Views) -> NoticeViews:
    notices = [
        NoticeView(recipient_id=one.recipient_id, kind=one.kind, address=Address(**one.address), view=one.view)
        for one in found.shown
    ]
    return NoticeViews(result_sha256=found.result_sha256, held=found.held, notices=notices)
