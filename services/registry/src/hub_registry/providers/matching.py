"""Whose account a provider's person has: the one that was theirs before, else the one with their verified address."""

from collections.abc import Sequence
from uuid import UUID

from hub_chassis.database import Database
from hub_registry.access.principal import Principal
from hub_registry.accounts import repository
from hub_registry.errors import NobodyKnown
from hub_registry.providers.model import Named
from hub_registry.sessions.repository import end_sessions_of_account
from hub_schemas.ids import HubId, new_id

_NO_ADDRESS = (
    "Your organisation did not say that your e-mail address is checked and yours, so this site can't know who you are "
    "here. Ask your organisation's IT support to have the address verified, or a coordinator of your hub for an "
    "invitation."
)


async def known_before(door: Database, named: Named) -> tuple[UUID, ...]:
    """Give the accounts that this person signed in to before, by the provider's own name for them.

    An account that no active member of staff has any more is left out: its person may have a new address.
    """
    async with door.connection() as conn:
        found = await repository.find_identified(conn, named.issuer, named.subject)
        people = await repository.people_of(conn, [one.account_id for one in found])
    alive = {person.account_id for person in people}
    return tuple(one.account_id for one in found if one.account_id in alive)


async def known_by_address(door: Database, named: Named, before: Sequence[UUID]) -> tuple[UUID, ...]:
    """Give accounts of a verified address that are nobody's at the provider yet: from now on they are this person's.

    Only in hubs that have no account of this person, and only where an active member of staff has the address: whoever
    is not expected gets no account.

    Raises:
        NobodyKnown: there is none, and ``before`` is empty.
    """
    if named.email is None:
        return _or_nobody((), before, _NO_ADDRESS, reason="no verified address")
    async with door.connection() as conn:
        theirs = {(await repository.load_account(conn, one)).hub_id for one in before}
        expected = await repository.staff_with(conn, named.email)
    bound = [
        await _bind(door, named, hub_id=hub_id, staff_id=staff_id)
        for hub_id, staff_id in expected.items()
        if hub_id not in theirs
    ]
    mine = tuple(account_id for account_id in bound if account_id is not None)
    if bound:
        return _or_nobody(mine, before, _held_by_another(named.email), reason="the account is another subject's")
    return _or_nobody((), before, _not_expected(named.email), reason="no member of staff has the address")


def _or_nobody(found: tuple[UUID, ...], before: Sequence[UUID], detail: str, *, reason: str) -> tuple[UUID, ...]:
    if not found and not before:
        raise NobodyKnown(detail, reason=reason)
    return found


async def _bind(door: Database, named: Named, *, hub_id: UUID, staff_id: UUID) -> UUID | None:
    """Make an account theirs, which the record tells of; None when it is another's."""
    async with door.transaction(hub_id=HubId(hub_id), scope={"hub.staff_id": str(staff_id)}) as tx:
        account = await repository.account_for(tx.conn, new_id(), hub_id=hub_id, email=named.email or "")
        is_theirs = await repository.bind(tx.conn, account.account_id, issuer=named.issuer, subject=named.subject)
    return account.account_id if is_theirs else None


async def part(door: Database, me: Principal, *, email: str) -> bool:
    """Part an account of my hub from the provider's person it belongs to; its sessions end. False: it was nobody's."""
    async with door.transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
        found = [one for one in await repository.find_accounts(tx.conn, email) if one.hub_id == me.hub_id]
        parted = [await repository.unbind(tx.conn, one.account_id) for one in found]
        for one in found:
            await end_sessions_of_account(tx.conn, one.account_id)
    return any(parted)


def _held_by_another(email: str) -> str:
    return (
        f"The account of {email} here belongs to another sign-in of your organisation than the one you used. If yours "
        "was made anew, ask a coordinator of your hub: on your page under Staff they can part the two."
    )


def _not_expected(email: str) -> str:
    return (
        f"Your organisation says that you are {email}, and no active member of staff here has this address. Ask a "
        "coordinator of your hub to add you with it."
    )
