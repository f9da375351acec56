"""The notifier's internal API: the ledger, and the one decision about a notice that only a person may take."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from starlette.responses import Response

from hub_chassis.between import is_ours
from hub_chassis.http import problem
from hub_chassis.service import Running
from hub_notifier.errors import NoticeNotFound, NoticeNotUncertain
from hub_notifier.notices import ledger
from hub_schemas.ids import NoticeId, RunId

FIRST = UUID(int=0)


class NotAllowed(Exception):
    """The caller's token isn't the one our services share."""


def running(request: Request) -> Running:
    """The running service's pools and settings; raises NotAllowed."""
    found: Running = request.app.state.running
    if not is_ours(found.settings, request.headers.get("Authorization", "")):
        raise NotAllowed
    return found


Running_ = Annotated[Running, Depends(running)]
router = APIRouter(prefix="/internal/v1/notices")


@router.get("")
async def list_notices(
    run: Running_, run_id: UUID, after: UUID = FIRST, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> dict[str, Any]:
    """List a run's notices and where they stand, by id."""
    async with run.db.connection() as conn:
        found = await ledger.lines(conn, RunId(run_id), after=after, limit=limit + 1)
    page = found[:limit]
    return {"items": [asdict(line) for line in page], "next": page[-1].notice_id if len(found) > limit else None}


@router.post("/{notice_id}/retry", status_code=202)
async def retry(run: Running_, notice_id: UUID) -> dict[str, str]:
    """Send an uncertain notice once more: a person has made sure that it didn't arrive, or accepts a second copy."""
    async with run.db.transaction() as tx:
        await ledger.send_again(tx.conn, NoticeId(notice_id))
    return {"notice_id": str(notice_id), "state": "waiting"}


def make_app() -> FastAPI:
    """The FastAPI app; health and metrics are the chassis's."""
    app = FastAPI(title="hub-notifier", openapi_url=None)
    app.include_router(router)
    app.add_exception_handler(NotAllowed, lambda _request, _error: problem(401, "A token of our services is needed"))
    app.add_exception_handler(NoticeNotFound, _not_found)
    app.add_exception_handler(NoticeNotUncertain, _not_uncertain)
    return app


def _not_found(_request: Request, error: Exception) -> Response:
    return problem(404, "No such notice", detail=str(error))


def _not_uncertain(_request: Request, error: Exception) -> Response:
    return problem(409, "The notice isn't uncertain", detail=str(error))
