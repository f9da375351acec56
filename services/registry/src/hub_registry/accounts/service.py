"""Use cases of one's own account: a new password, codes on and off."""

import time

from hub_chassis.database import Conn, Database
from hub_registry.access.principal import Principal, Role
from hub_registry.accounts import repository
from hub_registry.accounts.codes import check_code, set_up_codes
from hub_registry.accounts.model import wrong_with_password
from hub_registry.accounts.passwords import hashed, matches
from hub_registry.accounts.repository import Account
from hub_registry.attempts.model import counts_of_code
from hub_registry.attempts.service import count_try, succeeded
from hub_registry.browsers.repository import forget_browsers
from hub_registry.errors import Conflict, Finding, Invalid
from hub_registry.sessions.repository import end_sessions_of_account


async def change_password(door: Database, me: Principal, account: Account, *, old: str, new: str) -> None:
    """Put a new password in the place of the old one; every session and known browser of the account ends.

    Raises:
        TooManyTries: somebody tries old passwords from an open session.
        Invalid: the old one is wrong, or the new one can't be taken.
    """
    counts = counts_of_code(f"password of {account.account_id}", browser=None)
    await count_try(door, counts)
    if not await matches(old, account.password_hash):
        raise Invalid("wrong password", [Finding("this is not your password", field="old")])
    await succeeded(door, counts)
    if wrong := wrong_with_password(new, email=account.email, name=me.name):
        raise Invalid("choose another password", [Finding(wrong, field="password")])
    password_hash = await hashed(new)
    async with door.transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
        await repository.save_password(tx.conn, account.account_id, password_hash)
        await _end_all(tx.conn, account)


async def switch_codes_on(
    door: Database, me: Principal, account: Account, secret: str, *, code: str, password: str
) -> tuple[str, ...]:
    """Switch one-time codes on; gives the recovery codes. Other sessions end.

    Raises:
        TooManyTries, Invalid: the password or the code is wrong.
    """
    counts = counts_of_code(f"password of {account.account_id}", browser=None)
    await count_try(door, counts)
    if account.password_hash is not None and not await matches(password, account.password_hash):
        raise Invalid("wrong password", [Finding("this is not your password", field="password")])
    async with door.transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
        locked = await repository.load_account(tx.conn, account.account_id, lock=True)
        if locked.totp_secret is not None:
            raise Conflict("one-time codes are on already")
        codes = await set_up_codes(tx.conn, account.account_id, secret, code=code, at_s=time.time())
        await _end_all(tx.conn, account)
    await succeeded(door, counts)
    return codes


async def switch_codes_off(door: Database, me: Principal, account: Account, *, code: str) -> None:
    """Switch one-time codes off, with one of them; not for coordinators.

    Raises:
        Conflict: the account is a coordinator's too.
        TooManyTries, Invalid: the code is wrong.
    """
    counts = counts_of_code(account.account_id, browser=None)
    await count_try(door, counts)
    async with door.transaction(hub_id=me.hub_id, scope=me.settings()) as tx:
        people = await repository.people_of(tx.conn, [account.account_id])
        if any(person.principal.role is Role.HUB for person in people):
            raise Conflict("a coordinator needs one-time codes: they stay on")
        if not await check_code(tx.conn, account, code, at_s=time.time()):
            raise Invalid("wrong code", [Finding("this is not the code that your app shows now", field="code")])
        await repository.save_totp(tx.conn, account.account_id, None)
        await repository.replace_recovery_codes(tx.conn, account.account_id, [])
    await succeeded(door, counts)


async def sign_out_everywhere(door: Database, account: Account) -> None:
    """End every session of an account, and know none of its browsers any more."""
    async with door.transaction() as tx:
        await _end_all(tx.conn, account)


async def _end_all(conn: Conn, account: Account) -> None:
    await end_sessions_of_account(conn, account.account_id)
    await forget_browsers(conn, account.account_id)
