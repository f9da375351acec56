"""Use cases of signing in: a password, a code, and what comes next."""

import time
from dataclasses import replace
from uuid import UUID

from hub_chassis.database import Database
from hub_registry.access.principal import How
from hub_registry.access.secrets import new_secret
from hub_registry.accounts import repository as accounts
from hub_registry.accounts.codes import check_code, set_up_codes
from hub_registry.accounts.model import LONGEST
from hub_registry.accounts.passwords import matches
from hub_registry.accounts.repository import Account
from hub_registry.attempts.model import counts_of_code, counts_of_password
from hub_registry.attempts.service import count_try, succeeded
from hub_registry.browsers.repository import knows_account, knows_address
from hub_registry.errors import Finding, Invalid, NotSignedIn
from hub_registry.visits import repository
from hub_registry.visits.model import Step, Visit, next_step

ACCOUNTS_TRIED = 3
"""Most hubs in which one address is tried with one password."""
WRONG = "the e-mail address or the password is not right"


async def begin_with_password(
    door: Database, *, email: str, password: str, address: str, browser: str | None, next_page: str
) -> str:
    """Check a password; gives the secret of the visit that begins.

    Unknown addresses are counted, answered and timed like known ones.

    Raises:
        TooManyTries: this one has to wait; nothing was compared.
        Invalid: address or password is wrong, and it is not said which.
    """
    email = email.lower()
    async with door.connection() as conn:
        known = browser if browser and await knows_address(conn, browser, email) else None
        found = (await accounts.find_accounts(conn, email))[:ACCOUNTS_TRIED]
    counts = counts_of_password(email, address, browser=known)
    await count_try(door, counts)
    right = [one for one in found if await matches(password[:LONGEST], one.password_hash)]
    if not found:
        await matches(password[:LONGEST], None)
    if not right:
        raise Invalid(WRONG, [Finding(WRONG, field="email")])
    await succeeded(door, [one for one in counts if one.longest_s > 60 or known])
    visit = Visit(tuple(one.account_id for one in right), How.PASSWORD, next_page=next_page)
    return await begin(door, visit)


async def begin(door: Database, visit: Visit) -> str:
    """Begin a visit under a new secret: one that was there before may be known to somebody else."""
    secret = new_secret()
    async with door.transaction() as tx:
        await repository.add_visit(tx.conn, secret, visit)
    return secret


async def where(door: Database, secret: str | None) -> tuple[Visit, Step]:
    """Give a visit and what comes next; raises NotSignedIn when there is none, or it took too long."""
    async with door.connection() as conn:
        visit = await repository.find_visit(conn, secret) if secret else None
        if visit is None or not visit.account_ids:
            raise NotSignedIn("signing in took too long: begin again")
        people = await accounts.people_of(conn, visit.account_ids)
        found = [await accounts.load_account(conn, account_id) for account_id in visit.account_ids]
    return visit, next_step(visit, people=people, accounts=found)


async def choose(door: Database, secret: str, visit: Visit, staff_id: UUID) -> None:
    """Note whom somebody chose to be; what is chosen once stays."""
    async with door.transaction() as tx:
        await repository.save_visit(tx.conn, secret, replace(visit, staff_id=visit.staff_id or staff_id))


async def show_code(
    door: Database, secret: str, visit: Visit, account: Account, code: str, *, browser: str | None
) -> None:
    """Check the code of the account that the visit stands at.

    Raises:
        TooManyTries: this one has to wait.
        Invalid: the code is wrong, or was used before.
    """
    async with door.connection() as conn:
        known = browser if browser and await knows_account(conn, browser, account.account_id) else None
    counts = counts_of_code(account.account_id, browser=known)
    await count_try(door, counts)
    async with door.transaction() as tx:
        if not await check_code(tx.conn, account, code, at_s=time.time()):
            wrong = "this is not the code that your app shows now, or it was used already: wait for the next one"
            raise Invalid("wrong code", [Finding(wrong, field="code")])
        await repository.save_visit(tx.conn, secret, replace(visit, second_factor=True))
    await succeeded(door, counts)


async def keep_totp_secret(door: Database, secret: str, visit: Visit, totp_secret: str) -> None:
    """Remember which codes a visit is about to set up."""
    async with door.transaction() as tx:
        await repository.save_visit(tx.conn, secret, replace(visit, totp_secret=totp_secret))


async def set_up(door: Database, secret: str, visit: Visit, account: Account, code: str) -> tuple[str, ...]:
    """Set up codes on the way in, for who came from the provider; gives the recovery codes.

    Raises:
        Invalid: the code is not one of the picture's.
    """
    async with door.transaction() as tx:
        locked = await accounts.load_account(tx.conn, account.account_id, lock=True)
        if locked.totp_secret is not None or visit.totp_secret is None:
            raise NotSignedIn("codes are set up already: begin again")
        codes = await set_up_codes(tx.conn, account.account_id, visit.totp_secret, code=code, at_s=time.time())
        await repository.save_visit(tx.conn, secret, replace(visit, second_factor=True, totp_secret=None))
    return codes
