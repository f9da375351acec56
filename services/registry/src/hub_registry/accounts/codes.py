"""Use cases of one-time codes: check one, set them up; each in the caller's transaction."""

from uuid import UUID

from hub_chassis.database import Conn
from hub_registry.accounts import repository
from hub_registry.accounts.model import is_totp_secret, new_recovery_codes, recovery_code_of, step_of_code
from hub_registry.accounts.repository import Account
from hub_registry.errors import Finding, Invalid


async def check_code(conn: Conn, account: Account, code: str, *, at_s: float) -> bool:
    """Whether this is the code of now, or a recovery code; it is used up by asking."""
    if account.totp_secret is None:
        return False
    if (recovery := recovery_code_of(code)) is not None:
        return await repository.take_recovery_code(conn, account.account_id, recovery)
    step = step_of_code(account.totp_secret, code, at_s=at_s)
    return step is not None and await repository.take_step(conn, account.account_id, step)


async def set_up_codes(conn: Conn, account_id: UUID, secret: str, *, code: str, at_s: float) -> tuple[str, ...]:
    """Switch one-time codes on; gives the recovery codes, which are seen this once.

    Raises:
        Invalid: the code is not one of the secret: the app does not have it, or the device's clock is wrong.
    """
    step = step_of_code(secret, code, at_s=at_s) if is_totp_secret(secret) else None
    if step is None:
        wrong = "this is not the code that your app shows now: check that your device's clock is right"
        raise Invalid("wrong code", [Finding(wrong, field="code")])
    await repository.save_totp(conn, account_id, secret, step=step)
    codes = new_recovery_codes()
    await repository.replace_recovery_codes(conn, account_id, codes)
    return tuple(codes)
