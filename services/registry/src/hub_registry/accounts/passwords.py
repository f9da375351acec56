"""Hashing and comparing passwords: argon2id, off the event loop, a few at once.

Source:
    OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub_registry.accounts.model import usual_form

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE: Final = ThreadPoolExecutor(2, thread_name_prefix="passwords")
"""Two threads: whoever sends many passwords at once makes the others wait, but not the pages."""


async def hashed(password: str) -> str:
    """Give what is stored of a password."""
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _HASHER.hash, usual_form(password))


async def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password; takes as long when nothing is stored as when it is wrong."""
    return await asyncio.get_running_loop().run_in_executor(_AT_ONCE, _matches, usual_form(password), stored)


def _matches(password: str, stored: str | None) -> bool:
    try:
        _HASHER.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    """A hash that belongs to nobody, made with the same cost as everybody's."""
    return _HASHER.hash("nobody's password")
