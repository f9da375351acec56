"""What a session is; no I/O."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from hub_registry.access.principal import Principal


class How(StrEnum):
    """How a person signed in."""

    PASSWORD = "password"  # noqa: S105 -- a way of signing in, not a secret
    PROVIDER = "provider"
    """An OpenID provider said who it is."""
    DEMO = "demo"
    """One click, in demo mode only."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person at a browser."""

    session_id: UUID
    secret: str
    """What the browser's cookie holds; the database has only its hash."""
    principal: Principal
    how: How
    second_factor: bool
    """Whether something besides a password was shown: a one-time code, or what the provider asked for."""
