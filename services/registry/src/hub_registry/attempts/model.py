"""Whose tries count together, and how waits grow; no I/O.

Source:
    OWASP Blocking Brute Force Attacks: a browser that its person has signed in from before counts for itself, so that
    a stranger who keeps guessing can slow down strangers only.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LONGEST_S: Final = 900
SHARED_LONGEST_S: Final = 60
"""Where strangers wait for each other, nobody is made to wait longer than this."""


@dataclass(frozen=True, slots=True)
class Count:
    """Tries that count together: a few are free, then the wait doubles from one second up to the longest."""

    key: bytes
    free: int
    longest_s: int

    @classmethod
    def of(cls, *parts: str, free: int, longest_s: int = LONGEST_S) -> "Count":
        """Name a count by what it is about; only the hash is kept."""
        return cls(hashlib.sha256("\0".join(parts).encode()).digest(), free, longest_s)


def counts_of_password(email: str, address: str, *, browser: str | None) -> Sequence[Count]:
    """Give what a try with a password counts under.

    Args:
        email: as typed, in small letters; unknown ones count like known ones.
        address: where the try comes from.
        browser: the secret of a browser that this address has signed in from before.
    """
    if browser is not None:
        return [Count.of("browser", browser, free=10)]
    net = network(address)
    return [
        Count.of("account from", email, net, free=5),
        Count.of("account", email, free=30, longest_s=SHARED_LONGEST_S),
        Count.of("from", net, free=100, longest_s=SHARED_LONGEST_S),
    ]


def counts_of_code(account_id: object, *, browser: str | None) -> Sequence[Count]:
    """Give what a try with a one-time code counts under: whoever gets so far has shown the password."""
    if browser is not None:
        return [Count.of("code in browser", browser, free=10)]
    return [Count.of("code", str(account_id), free=5)]


def counts_of_provider(address: str) -> Sequence[Count]:
    """Give what being led to the provider counts under; nothing is guessed there, but each one leaves a row here."""
    return [Count.of("to the provider from", network(address), free=100, longest_s=SHARED_LONGEST_S)]


def network(address: str) -> str:
    """Give what one party has of an address: itself, or of version 6 the first 64 bits."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def wait_s(failures: int, count: Count) -> int:
    """Give how long to wait after so many tries in vain."""
    over = failures - count.free
    return 0 if over <= 0 else min(2 ** min(over - 1, 20), count.longest_s)
