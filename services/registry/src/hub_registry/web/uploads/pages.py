"""A file that was sent: its page, its events, confirming it."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.programmes import repository as programmes
from hub_registry.schools import repository as schools
from hub_registry.uploads import repository, service
from hub_registry.uploads.kinds import KINDS
from hub_registry.uploads.model import Upload
from hub_registry.web.following import follow
from hub_registry.web.page import page, redirect
from hub_registry.web.route import Me, PageRoute, Tx
from hub_registry.web.uploads import words
from hub_registry.web.uploads.sending import going_on
from hub_schemas.ids import ProgrammeId, SchoolId

router = APIRouter(route_class=PageRoute, prefix="/uploads/{upload_id}")


@router.get("")
async def show_upload(request: Request, tx: Tx, me: Me, upload_id: UUID) -> Response:
    """Show how far the file is: what is wrong with it, what it would change, what it changed."""
    upload = await repository.load(tx.conn, upload_id)
    return page(
        request,
        "uploads/show.html",
        upload=upload,
        kind=KINDS[upload.kind],
        place=await _place(tx, upload),
        titles=words.TITLES,
        figures=words.figures(upload),
        again=words.again(upload, me.role),
        after=words.after(upload, me.role) if upload.state == "taken" else [],
    )


@router.get("/events")
async def stream(request: Request, tx: Tx, me: Me, upload_id: UUID) -> Response:
    """Tell of each change of a file as server-sent events."""

    async def look(tx: Transaction) -> Upload:
        return await repository.load(tx.conn, upload_id)

    return await follow(request, tx, look, words.figures)


@router.post("")
async def confirm(request: Request, tx: Tx, me: Me, upload_id: UUID) -> Response:
    """Take the file that was checked; also one whose taking did not end."""
    upload = await repository.load(tx.conn, upload_id)
    if await service.confirm(tx, upload_id):
        return going_on(request, upload_id, upload.size_bytes, by=me)
    return redirect(request, f"/uploads/{upload_id}")


async def _place(tx: Transaction, upload: Upload) -> str:
    """Name what the file belongs to; '' where it is the hub's."""
    match KINDS[upload.kind].of:
        case "programme":
            programme = await programmes.load_programme(tx.conn, ProgrammeId(UUID(upload.about["programme_id"])))
            return f"{programme['name']}, {programme['school_year']}"
        case "school":
            school = await schools.load_school(tx.conn, SchoolId(upload.about["school_id"]))
            return str(school["name"])
        case _:
            return ""
