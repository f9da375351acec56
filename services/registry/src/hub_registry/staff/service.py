"""Use cases about staff and their tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Role
from hub_registry.access.secrets import fingerprint, new_secret
from hub_registry.employers.repository import load_employer
from hub_registry.errors import EmployerNotKnown, Finding, Invalid, SchoolNotKnown, Stale
from hub_registry.invitations.repository import revoke_open
from hub_registry.schools.repository import load_school
from hub_registry.sessions.repository import end_sessions
from hub_registry.staff import repository
from hub_schemas.ids import StaffId, new_id


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: the only time that its secret is to be seen."""

    token_id: UUID
    secret: str
    expires_at: datetime


async def add_staff(
    tx: Transaction, *, role: Role, name: str, email: str, school_id: str | None = None, employer_id: UUID | None = None
) -> dict[str, Any]:
    """Add a member of staff: an adviser to a school, a volunteer to an employer, others to the hub.

    Raises:
        Invalid: the role needs a school or an employer (or must have none), or it is not known.
        AlreadyExists: the address has this role there already.
    """
    await _must_belong(tx, role, school_id=school_id, employer_id=employer_id)
    staff_id = StaffId(new_id())
    await repository.insert_staff(
        tx.conn,
        staff_id,
        hub_id=tx.hub_id,
        role=role,
        name=name,
        email=email,
        school_id=school_id,
        employer_id=employer_id,
    )
    return await repository.load_staff(tx.conn, staff_id)


async def _must_belong(tx: Transaction, role: Role, *, school_id: str | None, employer_id: UUID | None) -> None:
    found = []
    if (role is Role.ADVISER) != (school_id is not None):
        found.append(Finding(field="school_id", message="an adviser has a school, nobody else has"))
    if (role is Role.EMPLOYER) != (employer_id is not None):
        found.append(Finding(field="employer_id", message="the role employer has an employer, nobody else has"))
    try:
        if school_id is not None:
            await load_school(tx.conn, school_id)
        if employer_id is not None:
            await load_employer(tx.conn, employer_id)
    except SchoolNotKnown as unknown:
        found.append(Finding(field="school_id", code="unknown", message=unknown.detail))
    except EmployerNotKnown as unknown:
        found.append(Finding(field="employer_id", code="unknown", message=unknown.detail))
    if found:
        raise Invalid("the member of staff can't be added so", found)


async def change_staff(
    tx: Transaction, staff_id: UUID, values: Mapping[str, Any], *, if_match: str | None
) -> dict[str, Any]:
    """Change name, address or whether a person is active (their tokens work only then); raises StaffNotKnown, Stale."""
    stored = await repository.load_staff(tx.conn, staff_id, lock=True)
    if if_match is not None and if_match != stored["version"]:
        raise Stale("the member of staff was changed since you read it: read it again")
    row = {**stored, **values}
    await repository.update_staff(tx.conn, staff_id, name=row["name"], email=row["email"], active=row["active"])
    if not row["active"] or row["email"].lower() != stored["email"].lower():
        # Who signed in with the old address may be somebody else now.
        await end_sessions(tx.conn, staff_id)
        await revoke_open(tx.conn, staff_id)
    return await repository.load_staff(tx.conn, staff_id)


async def create_token(tx: Transaction, staff_id: UUID, *, scopes: Sequence[str], days: int, at: datetime) -> NewToken:
    """Make a token for a member of staff; raises StaffNotKnown."""
    staff = await repository.load_staff(tx.conn, staff_id)
    token = NewToken(token_id=new_id(), secret=new_secret(), expires_at=at + timedelta(days=days))
    await repository.insert_token(
        tx.conn,
        token.token_id,
        staff_id=staff_id,
        hub_id=staff["hub_id"],
        secret_sha256=fingerprint(token.secret),
        scopes=sorted(set(scopes)),
        expires_at=token.expires_at,
    )
    return token
