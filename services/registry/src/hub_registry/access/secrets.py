"""Bearer tokens: 256 random bits, of which only the SHA-256 is kept."""

import hashlib
import secrets

PREFIX = "hub_"
"""Lets secret scanners recognise a token that got into a repository or a log."""


def new_secret() -> str:
    """Make the text of a new token."""
    return PREFIX + secrets.token_urlsafe(32)


def fingerprint(secret: str) -> bytes:
    """Give what is stored of a token: 32 bytes. A plain hash is enough, because nobody can guess 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
