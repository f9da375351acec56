"""Use cases of notices to one person: ask for one, show it to the notifier, note what became of it."""

import hashlib
from typing import Any
from uuid import UUID

from hub_chassis.database import Conn
from hub_chassis.errors import Permanent
from hub_chassis.transaction import Transaction
from hub_registry.access.secrets import new_secret
from hub_registry.errors import NoticeRequestNotKnown, NoticeRequestOver
from hub_registry.notice_requests import repository
from hub_registry.notices.service import Shown, Views
from hub_schemas.events.entries import NoticeRequested
from hub_schemas.events.notices import NoticeRequestSettled, PersonalAbout
from hub_schemas.ids import NoticeRequestId, new_id


async def ask(tx: Transaction, about: PersonalAbout, subject_id: UUID, *, by: UUID | None) -> None:
    """Have the notifier write to whom an invitation or an application is for."""
    request_id = NoticeRequestId(new_id())
    at = await repository.add(tx.conn, request_id, hub_id=tx.hub_id, about=about, subject_id=subject_id, by=by)
    sha256 = state_sha256(about, subject_id)
    await tx.outbox.add(NoticeRequested(request_id=request_id, about=about, state_sha256=sha256, requested_at=at))


def state_sha256(about: PersonalAbout, subject_id: UUID) -> str:
    """Hash what a request is about: the notifier sends nothing else for it."""
    return hashlib.sha256(f"{about}:{subject_id}".encode()).hexdigest()


async def show(conn: Conn, request_id: UUID, *, public_url: str) -> Views:
    """Give the address and view of a request, with a link made for this answer; in a transaction.

    The link's secret is nowhere else: the database has its hash, the event had an id. Asked again, because a try was
    put off, the notifier gets another link and the earlier one, which was not sent, leads nowhere.

    Raises:
        NoticeRequestNotKnown: there is no such request.
        NoticeRequestOver: what it was about was used, withdrawn or replaced, or is too old.
    """
    request = await repository.load(conn, request_id)
    if request is None:
        raise NoticeRequestNotKnown("there is no such request")
    about: PersonalAbout = request["about"]
    found = await _link_of_its_own(conn, request, public_url.rstrip("/"))
    if found is None:
        raise NoticeRequestOver("what this was about is over")
    address, view = found
    view["hub_name"] = request["hub_name"]
    if request["held"]:  # nothing is sent, and so no link was made
        view["link"] = public_url
    sha256 = state_sha256(about, request["subject_id"])
    return Views(sha256, request["held"], [Shown(request_id, "person", address, view)])


async def _link_of_its_own(
    conn: Conn, request: dict[str, Any], site: str
) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Give address and view, with a new link; None: what it was about is over."""
    secret, subject_id, held = new_secret(), request["subject_id"], request["held"]
    if request["about"] == "invitation":
        found = await repository.open_invitation(conn, subject_id, secret, held=held)
        if found is None:
            return None
        view = {"place": found["place"], "expires_at": found["expires_at"], "link": f"{site}/invitation/{secret}"}
        return {"name": found["name"], "email": found["email"]}, view
    found = await repository.open_application(conn, subject_id, secret, held=held)
    if found is None:
        return None
    # Nothing that a visitor typed goes to the address they gave, which may be anybody's.
    link = f"{site}/join/{found['slug']}/confirm/{secret}"
    return {"name": "", "email": found["email"]}, {"expires_at": found["expires_at"], "link": link}


async def settle(tx: Transaction, event: NoticeRequestSettled) -> None:
    """Note what became of a notice; raises Permanent when the message's hub asked for none of the kind."""
    known = await repository.settle(
        tx.conn,
        event.request_id,
        hub_id=tx.hub_id,
        outcome=event.outcome,
        reason=event.reason,
        at=event.settled_at,
    )
    if not known:
        raise Permanent(f"a notice this hub did not ask for: {event.request_id}")
