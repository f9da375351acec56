"""What keeps the registry's tables from growing for ever."""

from hub_chassis.service import Running
from hub_chassis.transaction import Transaction
from hub_chassis.waiting import pause
from hub_registry.api import idempotency
from hub_registry.applications import repository as applications
from hub_registry.attempts import repository as attempts
from hub_registry.browsers import repository as browsers
from hub_registry.invitations import repository as invitations
from hub_registry.kept_forms import repository as kept_forms
from hub_registry.notice_requests import repository as notice_requests
from hub_registry.providers import repository as providers
from hub_registry.sessions import repository as sessions
from hub_registry.uploads import repository as uploads
from hub_registry.visits import repository as visits

EVERY_S = 3600.0


async def forget_old(running: Running) -> None:
    """Drop what nobody will ask for again: kept answers, files, forms, old sessions, tries, visits; every hour."""
    while not running.stop.is_set():
        async with running.worker_db.transaction() as tx:
            await forget(tx)
        await pause(running.stop, EVERY_S)


async def forget(tx: Transaction) -> None:
    """Drop it once; for a worker's transaction."""
    await idempotency.forget_old(tx)
    for concept in (
        applications,
        attempts,
        browsers,
        invitations,
        kept_forms,
        notice_requests,
        providers,
        sessions,
        uploads,
        visits,
    ):
        await concept.forget_old(tx.conn)
