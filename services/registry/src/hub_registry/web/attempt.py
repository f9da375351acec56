"""A use case whose refusal is shown on the page of its form: what it wrote before it refused is undone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub_chassis.transaction import Transaction


@asynccontextmanager
async def attempt(tx: Transaction) -> AsyncIterator[None]:
    """Undo rows and staged facts when the body raises, so that the request's transaction can go on and read.

    Without it a statement that the database refused (a name that is taken) would leave nothing to show the form with.
    """
    staged = len(tx.outbox.rows)
    try:
        async with tx.conn.transaction():
            yield
    except BaseException:
        del tx.outbox.rows[staged:]
        raise
