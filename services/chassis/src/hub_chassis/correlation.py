"""The id that joins all that followed from one request: in the header, the logs and the envelopes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from hub_schemas.ids import new_id

HEADER = "X-Correlation-Id"

_current: ContextVar[UUID | None] = ContextVar("hub_correlation_id", default=None)


def current() -> UUID | None:
    """The correlation id of what is being handled, if anything is."""
    return _current.get()


def current_or_new() -> UUID:
    """The correlation id of what is being handled, or a fresh one."""
    return _current.get() or new_id()


def parse(text: str | None) -> UUID:
    """Read a caller's header; anything but a UUID is replaced by a fresh id."""
    try:
        return UUID(text) if text else new_id()
    except ValueError:
        return new_id()


@contextmanager
def correlated(correlation_id: UUID) -> Iterator[UUID]:
    """Make this the current correlation id inside the block."""
    token = _current.set(correlation_id)
    try:
        yield correlation_id
    finally:
        _current.reset(token)
