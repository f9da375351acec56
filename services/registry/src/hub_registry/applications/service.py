"""Use cases of applications: made by a visitor, confirmed by a link in a mail, let in when the hub has verified."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from hub_chassis.database import Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Role
from hub_registry.access.secrets import new_secret
from hub_registry.applications import repository
from hub_registry.applications.repository import Application
from hub_registry.attempts.model import Count, network
from hub_registry.attempts.service import count_try
from hub_registry.employers.columns import EMPLOYERS
from hub_registry.employers.repository import insert_employers
from hub_registry.errors import ApplicationNotKnown, HubNotKnown
from hub_registry.invitations.service import invite_by_mail
from hub_registry.notice_requests import service as notice_requests
from hub_registry.staff.repository import insert_staff
from hub_registry.staff.service import change_staff
from hub_schemas.events.entries import EmployerRegistered
from hub_schemas.ids import EmployerId, HubId, StaffId, new_id

LASTS: Final = timedelta(days=2)
"""The link that confirms an address is good so long."""
INVITED_FOR: Final = timedelta(days=7)
MOST_MAILS: Final = 3
"""To one address in a day: nobody's mailbox is filled from our page."""
_ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub that takes applications."""

    hub_id: HubId
    slug: str
    name: str


async def hub_of(door: Database, slug: str) -> Hub:
    """Find the hub that a page is of; raises HubNotKnown, also when it takes no applications."""
    async with door.connection() as conn:
        found = await repository.find_hub(conn, slug)
    if found is None:
        raise HubNotKnown("check the address, or ask your hub for it")
    return Hub(HubId(found["hub_id"]), slug, found["name"])


async def count_form(door: Database, *, address: str) -> None:
    """Count a form that was sent, good or not, so that nobody sends them without end; raises TooManyTries."""
    await count_try(door, [Count.of("join from", network(address), free=20)])


async def count_good_form(door: Database, hub: Hub) -> None:
    """Count a form that passed the checks, whoever sent it; raises TooManyTries.

    Forms that fail do not count here: they are cheap to send, and everybody would wait for them.
    """
    await count_try(door, [Count.of("join hub", str(hub.hub_id), free=300, longest_s=60)])


async def apply(door: Database, hub: Hub, values: Mapping[str, str], *, form: str) -> None:
    """Keep what a visitor entered and have the address written to; sent twice it is kept once.

    What is known of the address is neither said nor shown by anything that differs: one that was written to three
    times today gets no further mail, and the visitor the same page.

    Args:
        door: the database as the door has it.
        hub: whose page it is.
        values: name, sector, postcode, contact_name and contact_email, checked.
        form: what this sending of the form is known by.
    """
    application_id = new_id()
    async with door.transaction(hub_id=hub.hub_id) as tx:
        if await repository.lock_and_count_lately(tx.conn, hub.hub_id, values["contact_email"]) >= MOST_MAILS:
            return
        kept = await repository.add(
            tx.conn,
            application_id,
            values,
            hub_id=hub.hub_id,
            form_sha256=hashlib.sha256(form.encode()).digest(),
            secret=new_secret(),  # nobody's: the link's own is made when it is sent
            lasts=LASTS,
        )
        if kept:
            await notice_requests.ask(tx, "application", application_id, by=None)


async def find(door: Database, hub: Hub, secret: str) -> Application:
    """Read the application of a link; raises ApplicationNotKnown when it is not good any more."""
    async with door.connection() as conn:
        found = await repository.find(conn, hub.hub_id, secret)
    if found is None:
        raise _not_known()
    return found


async def confirm(door: Database, hub: Hub, secret: str) -> Application:
    """Register the employer of a confirmed address: unverified, its person not active. Twice is once.

    Raises:
        ApplicationNotKnown: the link is not good any more.
    """
    employer_id, staff_id = EmployerId(new_id()), StaffId(new_id())
    async with door.transaction(hub_id=hub.hub_id) as tx:
        taken = await repository.take(tx.conn, hub.hub_id, secret, employer_id=employer_id, staff_id=staff_id)
        if taken is not None:
            await _register(tx, taken, employer_id=employer_id, staff_id=staff_id)
            return taken
    return await find(door, hub, secret)  # used before: the same words


async def let_in(tx: Transaction, employer_ids: Sequence[UUID], *, by: UUID) -> int:
    """Let people in who registered these employers, now that the hub has verified them: each is sent an invitation.

    Returns:
        How many were let in; nobody is a second time.
    """
    people = await repository.take_to_let_in(tx.conn, employer_ids)
    for staff_id in people:
        await change_staff(tx, staff_id, {"active": True}, if_match=None)
        await invite_by_mail(tx, staff_id, by=by, lasts=INVITED_FOR)
    return len(people)


async def _register(tx: Transaction, of: Application, *, employer_id: EmployerId, staff_id: StaffId) -> None:
    row = {
        **EMPLOYERS.blanks(),
        "employer_id": employer_id,
        "hub_id": tx.hub_id,
        "employer_ref": "JOIN-" + "".join(secrets.choice(_ALPHABET) for _ in range(8)),
        "name": of.name,
        "sector": of.sector,
        "postcode": of.postcode,
        "contact_name": of.contact_name,
        "contact_email": of.contact_email,
        "verified_at": None,
        "verified_by": None,
    }
    await insert_employers(tx.conn, [row])
    await insert_staff(
        tx.conn,
        staff_id,
        hub_id=tx.hub_id,
        role=Role.EMPLOYER,
        name=of.contact_name,
        email=of.contact_email,
        school_id=None,
        employer_id=employer_id,
        active=False,
    )
    await tx.outbox.add(EmployerRegistered(employer_id=employer_id))


def _not_known() -> ApplicationNotKnown:
    return ApplicationNotKnown("this link is not good any more: it is too old or was replaced. Register once more.")
