"""What keeps the registry's tables from growing for ever."""

from hub_chassis.service import Running
from hub_chassis.waiting import pause
from hub_registry.api import idempotency
from hub_registry.uploads import repository as uploads

EVERY_S = 3600.0


async def forget_keys(running: Running) -> None:
    """Drop kept answers and waiting files once nobody will ask for them again; every hour."""
    while not running.stop.is_set():
        async with running.worker_db.transaction() as tx:
            await idempotency.forget_old(tx)
            await uploads.forget_old(tx.conn)
        await pause(running.stop, EVERY_S)
