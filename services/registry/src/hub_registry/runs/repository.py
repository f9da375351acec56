"""All SQL about runs."""

from typing import Any

import asyncpg

from hub_chassis.database import Conn
from hub_registry.errors import RunNotKnown
from hub_registry.runs.model import Run, RunState
from hub_schemas.ids import RoundId, RunId
from hub_schemas.policy import Policy

_COLUMNS = (
    "run_id, hub_id, round_id, input_id, policy, state, requested_by, requested_at, parent_run_id,"
    " mode, waiting_for, progress,"
    " report, chunks_held, failure, verdict, recipients, solved_at, approved_at, published_at, ended_at"
)

_READ = f"SELECT {_COLUMNS} FROM run WHERE run_id = $1"
_LOCK = f"SELECT {_COLUMNS} FROM run WHERE run_id = $1 FOR UPDATE"
_LIST = f"""
    SELECT {_COLUMNS}
      FROM run
     WHERE round_id = $1 AND ($2::uuid IS NULL OR run_id > $2)
     ORDER BY run_id
     LIMIT $3
"""
_STANDING = f"SELECT {_COLUMNS} FROM run WHERE round_id = $1 AND state = 'published' FOR UPDATE"
_INSERT = """
    INSERT INTO run (run_id, hub_id, round_id, input_id, policy, state, requested_by, requested_at, parent_run_id, mode)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_SAVE = """
    UPDATE run
       SET state = $2, waiting_for = $3, progress = $4, report = $5, failure = $6, verdict = $7, recipients = $8,
           solved_at = $9, approved_at = $10, published_at = $11, ended_at = $12
     WHERE run_id = $1
"""
_ADD_CHUNK = """
    INSERT INTO result_chunk (run_id, hub_id, place, part, content)
    VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (run_id, place) DO NOTHING
    RETURNING place
"""
_COUNT_CHUNK = "UPDATE run SET chunks_held = chunks_held + 1 WHERE run_id = $1"


async def load_run(conn: Conn, run_id: RunId) -> Run:
    """Read a run; raises RunNotKnown, also when the caller may not know of it."""
    return _found(await conn.fetchrow(_READ, run_id))


async def lock_run(conn: Conn, run_id: RunId) -> Run:
    """Read a run and keep others from changing it until the transaction ends; raises RunNotKnown."""
    return _found(await conn.fetchrow(_LOCK, run_id))


async def list_runs(conn: Conn, round_id: RoundId, *, after: RunId | None, limit: int) -> list[Run]:
    """Read a round's runs, oldest first."""
    return [_run(row) for row in await conn.fetch(_LIST, round_id, after, limit)]


async def lock_standing(conn: Conn, round_id: RoundId) -> Run | None:
    """Read and lock the run whose allocation stands in a round, if there is one."""
    row = await conn.fetchrow(_STANDING, round_id)
    return _run(row) if row else None


async def insert_run(conn: Conn, run: Run) -> None:
    """Write a new run."""
    await conn.execute(
        _INSERT,
        run.run_id,
        run.hub_id,
        run.round_id,
        run.input_id,
        run.policy.model_dump(mode="json"),
        run.state.value,
        run.requested_by,
        run.requested_at,
        run.parent_run_id,
        run.mode,
    )


async def save_run(conn: Conn, run: Run) -> None:
    """Write what may change of a run."""
    await conn.execute(
        _SAVE,
        run.run_id,
        run.state.value,
        run.waiting_for,
        run.progress,
        run.report,
        run.failure,
        run.verdict,
        run.recipients,
        run.solved_at,
        run.approved_at,
        run.published_at,
        run.ended_at,
    )


async def add_chunk(conn: Conn, run: Run, *, place: int, part: str, content: str) -> None:
    """Keep a piece of a result; one that is here already changes nothing."""
    if await conn.fetchval(_ADD_CHUNK, run.run_id, run.hub_id, place, part, content) is not None:
        await conn.execute(_COUNT_CHUNK, run.run_id)


def _found(row: asyncpg.Record | None) -> Run:
    if row is None:
        raise RunNotKnown("there is no such run")
    return _run(row)


def _run(row: asyncpg.Record) -> Run:
    values: dict[str, Any] = dict(row)
    values["state"] = RunState(values["state"])
    values["policy"] = Policy.model_validate(values["policy"])
    return Run(**values)
