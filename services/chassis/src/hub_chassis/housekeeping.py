"""Deletes what the plumbing needs no more: sent rows, old inbox ids, settled dead letters."""

import asyncio

import structlog

from hub_chassis.database import Database
from hub_chassis.errors import is_transient
from hub_chassis.settings import Settings
from hub_chassis.waiting import pause

log = structlog.get_logger(__name__)

EVERY_S = 300.0
CHUNK = 5000
SETTLED_KEEP_S = 30 * 86_400.0

_SENT = """
    DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE sent_at < now() - $1 * interval '1 second' ORDER BY sent_at LIMIT $2
           FOR UPDATE SKIP LOCKED)
"""
_HANDLED = """
    DELETE FROM inbox WHERE envelope_id IN (
        SELECT envelope_id FROM inbox WHERE handled_at < now() - $1 * interval '1 second' ORDER BY handled_at LIMIT $2
           FOR UPDATE SKIP LOCKED)
"""
_SETTLED = """
    DELETE FROM dead_letter WHERE id IN (
        SELECT id FROM dead_letter WHERE settled_at < now() - $1 * interval '1 second' ORDER BY id LIMIT $2
           FOR UPDATE SKIP LOCKED)
"""


async def run(db: Database, settings: Settings, stop: asyncio.Event) -> None:
    """Tidy now and every few minutes until ``stop`` is set."""
    while not stop.is_set():
        try:
            await tidy(db, settings)
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("tidying put off", error=repr(error))
        await pause(stop, EVERY_S)


async def tidy(db: Database, settings: Settings) -> int:
    """Delete what is older than the settings keep, a chunk at a time; gives the number of rows deleted."""
    deleted = 0
    keep = ((_SENT, settings.outbox_keep_s), (_HANDLED, settings.inbox_keep_s), (_SETTLED, SETTLED_KEEP_S))
    for statement, keep_s in keep:
        chunk = CHUNK
        while chunk == CHUNK:
            async with db.connection() as conn:
                chunk = int((await conn.execute(statement, keep_s, CHUNK)).rpartition(" ")[2])
            deleted += chunk
    return deleted
