"""Use cases of invitations: make one, use it."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hub_chassis.database import Conn, Database
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Role
from hub_registry.access.secrets import new_secret
from hub_registry.accounts import repository as accounts
from hub_registry.accounts.codes import check_code, set_up_codes
from hub_registry.accounts.model import wrong_with_password
from hub_registry.accounts.passwords import hashed
from hub_registry.accounts.repository import Account
from hub_registry.browsers.repository import forget_browsers
from hub_registry.errors import Conflict, Finding, Invalid, InvitationNotKnown
from hub_registry.invitations import repository
from hub_registry.invitations.repository import Invitation
from hub_registry.notice_requests import service as notice_requests
from hub_registry.sessions.repository import end_sessions_of_account
from hub_registry.staff.repository import load_staff
from hub_schemas.ids import HubId, new_id


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation just made: the only time that its secret is to be seen."""

    invitation_id: UUID
    secret: str
    expires_at: datetime

    def link(self, public_url: str) -> str:
        """Give the address to pass on."""
        return f"{public_url.rstrip('/')}/invitation/{self.secret}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person chose on the page of their invitation."""

    password: str
    code: str = ""
    """Of the codes that are set up now, or else of the ones they have."""
    totp_secret: str | None = None
    """What the picture on the page held; None: no codes are set up now."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """How a person can sign in from now on."""

    account: Account
    staff_id: UUID
    recovery_codes: tuple[str, ...]
    second_factor: bool


async def invite(
    tx: Transaction, staff_id: UUID, *, by: UUID | None, resets_codes: bool, lasts: timedelta
) -> NewInvitation:
    """Make a person's invitation; an earlier one that was not used is of no use any more.

    Raises:
        StaffNotKnown: there is no such person.
        Conflict: the person is no longer active.
    """
    person = await load_staff(tx.conn, staff_id, lock=True)
    if not person["active"]:
        raise Conflict(f"{person['name']} is not active: make them active first")
    await repository.revoke_open(tx.conn, staff_id)
    invitation_id, secret = new_id(), new_secret()
    ends = await repository.add_invitation(
        tx.conn,
        invitation_id,
        hub_id=person["hub_id"],
        staff_id=staff_id,
        secret=secret,
        resets_codes=resets_codes,
        by=by,
        lasts=lasts,
    )
    return NewInvitation(invitation_id, secret, ends)


async def invite_by_mail(tx: Transaction, staff_id: UUID, *, by: UUID | None, lasts: timedelta) -> None:
    """Make a person's invitation and have it sent to their address; nobody sees its link but who reads that mail.

    An invitation that sets up new one-time codes is never sent: the mailbox would be the key to the account.

    Raises:
        StaffNotKnown, Conflict: as ``invite``.
    """
    made = await invite(tx, staff_id, by=by, resets_codes=False, lasts=lasts)
    await notice_requests.ask(tx, "invitation", made.invitation_id, by=by)


async def needs_codes(conn: Conn, invitation: Invitation, account: Account | None) -> bool:
    """Whether who is invited must use one-time codes: a coordinator, also one invited as something else."""
    if invitation.role is Role.HUB:
        return True
    people = await accounts.people_of(conn, [account.account_id]) if account else []
    return any(person.principal.role is Role.HUB for person in people)


async def accept(door: Database, secret: str, wishes: Wishes) -> Accepted:
    """Use an invitation: a password, perhaps codes; every session of the account ends.

    Raises:
        InvitationNotKnown: the link is not good any more.
        Invalid: the password or the code can't be taken; the link stays good.
    """
    found = await open_invitation(door, secret)
    if wrong := wrong_with_password(wishes.password, email=found.email, name=found.name):
        raise Invalid("choose another password", [Finding(wrong, field="password")])
    password_hash = await hashed(wishes.password)
    scope = {"hub.staff_id": str(found.staff_id)}
    async with door.transaction(hub_id=HubId(found.hub_id), scope=scope) as tx:
        taken = await repository.find_invitation(tx.conn, secret, take=True)
        if taken is None:
            raise _not_known()
        account = await accounts.account_for(tx.conn, new_id(), hub_id=taken.hub_id, email=taken.email)
        account = await accounts.load_account(tx.conn, account.account_id, lock=True)
        codes = await _codes(tx.conn, taken, account, wishes)
        await accounts.save_password(tx.conn, account.account_id, password_hash)
        await end_sessions_of_account(tx.conn, account.account_id)
        await forget_browsers(tx.conn, account.account_id)
        account = await accounts.load_account(tx.conn, account.account_id)
    return Accepted(account, taken.staff_id, codes, second_factor=account.totp_secret is not None)


async def open_invitation(door: Database, secret: str) -> Invitation:
    """Read a link's invitation; raises InvitationNotKnown when it is not good any more."""
    async with door.connection() as conn:
        found = await repository.find_invitation(conn, secret)
    if found is None:
        raise _not_known()
    return found


async def _codes(conn: Conn, invitation: Invitation, account: Account, wishes: Wishes) -> tuple[str, ...]:
    if account.totp_secret and not invitation.resets_codes:
        # The link alone is not enough to get into an account that has codes: a mail may be read by others.
        if not await check_code(conn, account, wishes.code, at_s=time.time()):
            raise Invalid("wrong code", [Finding("this is not the code that your app shows now", field="code")])
        return ()
    if invitation.resets_codes:
        await accounts.save_totp(conn, account.account_id, None)
        await accounts.replace_recovery_codes(conn, account.account_id, [])
        await accounts.unbind(conn, account.account_id)
    if wishes.totp_secret is None:
        if await needs_codes(conn, invitation, account):
            raise Invalid("codes needed", [Finding("a coordinator needs one-time codes: set them up", field="code")])
        return ()
    return await set_up_codes(conn, account.account_id, wishes.totp_secret, code=wishes.code, at_s=time.time())


def _not_known() -> InvitationNotKnown:
    return InvitationNotKnown(
        "this link is not good any more: it was used, replaced by a newer one, or is too old. "
        "Ask a coordinator of your hub for a new one."
    )
