"""What a session is; no I/O."""

from dataclasses import dataclass
from uuid import UUID

from hub_registry.access.principal import How, Principal

__all__ = ["How", "Session"]


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
