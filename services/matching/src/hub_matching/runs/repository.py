"""SQL of runs."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from hub_chassis.database import Conn
from hub_matching.runs.model import Change, Run, RunState
from hub_schemas.ids import HubId, InputId, RoundId, RunId
from hub_schemas.policy import Policy

_COLUMNS = """
    run_id, hub_id, round_id, input_id, input_sha256, policy, state, waiting_for, correlation_id, causation_id,
    parent_run_id, parent_result_sha256, mode, shares
"""
_ADD = """
    INSERT INTO run (run_id, hub_id, round_id, input_id, input_sha256, policy, state, waiting_for,
                     correlation_id, causation_id, parent_run_id, parent_result_sha256, mode)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    ON CONFLICT (run_id) DO NOTHING
    RETURNING true
"""
_LOCK = f"SELECT {_COLUMNS} FROM run WHERE run_id = $1 FOR UPDATE"
_LOCK_WAITING = f"""
    SELECT {_COLUMNS} FROM run WHERE input_id = $1 AND state = 'waiting' ORDER BY requested_at, run_id FOR UPDATE
"""
_LOCK_UNENDED = f"""
    SELECT {_COLUMNS} FROM run
     WHERE input_id = $1 AND state IN ('waiting', 'queued', 'solving')
     ORDER BY requested_at, run_id FOR UPDATE
"""
_WAIT = "UPDATE run SET waiting_for = $2 WHERE run_id = $1"
_QUEUE = "UPDATE run SET state = 'queued', waiting_for = NULL WHERE run_id = $1"
_SOLVING = """
    UPDATE run SET state = 'solving', started_at = coalesce(started_at, now())
     WHERE run_id = $1 AND state IN ('queued', 'solving')
"""
_SHARES = "UPDATE run SET shares = $2 WHERE run_id = $1"
_SOLVED = f"SELECT {_COLUMNS}, result_sha256 FROM run WHERE run_id = $1 AND state = 'solved'"
_END = """
    UPDATE run
       SET state = $2, waiting_for = NULL, ended_at = now(), result_sha256 = $3, failure_code = $4, failure_reason = $5
     WHERE run_id = $1
    RETURNING extract(epoch FROM now() - requested_at)::float8
"""
_CANCEL_AHEAD = "INSERT INTO run_cancellation (run_id, hub_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_CANCELLED_AHEAD = "SELECT EXISTS (SELECT FROM run_cancellation WHERE run_id = $1)"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('run:' || $1::text, 0))"
MISSING = ("closing", "chunks", "checking", "wrong")
"""What a run can wait for: the closing's news, part of the input, its check, or an input that is what was announced."""

_WAITING = """
    SELECT CASE WHEN f.fault IS NOT NULL THEN 'wrong'
                WHEN f.expected_chunks IS NULL THEN 'closing'
                WHEN f.expected_chunks > (SELECT count(*) FROM input_chunk c
                                           WHERE c.input_id = f.input_id AND c.index < f.expected_chunks) THEN 'chunks'
                ELSE 'checking' END AS missing,
           count(*)::int AS runs, extract(epoch FROM now() - min(r.requested_at))::float8 AS oldest_s
      FROM run r JOIN frozen_input f USING (input_id)
     WHERE r.state = 'waiting'
     GROUP BY 1
     ORDER BY 1
"""


async def one_at_a_time(conn: Conn, run_id: RunId) -> None:
    """Let a request and a cancellation of the same run, which may not exist yet, pass one after the other."""
    await conn.execute(_ONE_AT_A_TIME, str(run_id))


async def add(conn: Conn, run: Run) -> bool:
    """Write a run down; False when its id is known already."""
    added = await conn.fetchval(
        _ADD,
        run.run_id,
        run.hub_id,
        run.round_id,
        run.input_id,
        run.input_sha256,
        run.policy.model_dump(mode="json"),
        run.state,
        run.waiting_for,
        run.correlation_id,
        run.causation_id,
        run.change.parent_run_id if run.change else None,
        run.change.parent_result_sha256 if run.change else None,
        run.change.mode if run.change else None,
    )
    return bool(added)


async def lock(conn: Conn, run_id: RunId) -> Run | None:
    """Read a run and lock it until the transaction ends; None when it is not known."""
    row = await conn.fetchrow(_LOCK, run_id)
    return None if row is None else run_of(row)


async def load_solved(conn: Conn, run_id: RunId) -> tuple[Run, str] | None:
    """Read a run that has a result, and what the result hashes to; None when there is none."""
    row = await conn.fetchrow(_SOLVED, run_id)
    return None if row is None else (run_of(row), row["result_sha256"])


async def lock_waiting(conn: Conn, input_id: InputId) -> list[Run]:
    """Read and lock the runs that wait for an input, oldest first."""
    return [run_of(row) for row in await conn.fetch(_LOCK_WAITING, input_id)]


async def lock_unended(conn: Conn, input_id: UUID) -> list[Run]:
    """Read and lock the runs of an input that have not ended, oldest first."""
    return [run_of(row) for row in await conn.fetch(_LOCK_UNENDED, input_id)]


async def set_waiting_for(conn: Conn, run_id: RunId, text: str) -> None:
    """Write down for what a waiting run waits."""
    await conn.execute(_WAIT, run_id, text)


async def set_queued(conn: Conn, run_id: RunId) -> None:
    """Write down that a run waits for nothing but a worker."""
    await conn.execute(_QUEUE, run_id)


async def set_shares(conn: Conn, run_id: RunId, shares: int) -> None:
    """Write down how many shares a run was cut into."""
    await conn.execute(_SHARES, run_id, shares)


async def set_solving(conn: Conn, run_id: RunId) -> None:
    """Write down that a worker has begun."""
    await conn.execute(_SOLVING, run_id)


async def end(
    conn: Conn,
    run_id: RunId,
    state: RunState,
    *,
    result_sha256: str | None = None,
    code: str | None = None,
    reason: str | None = None,
) -> float:
    """Write down how a run ended; gives the seconds since it was requested."""
    return float(await conn.fetchval(_END, run_id, state, result_sha256, code, reason))


async def cancel_ahead(conn: Conn, run_id: RunId, *, hub_id: HubId) -> None:
    """Remember a cancellation that came before its run."""
    await conn.execute(_CANCEL_AHEAD, run_id, hub_id)


async def was_cancelled_ahead(conn: Conn, run_id: RunId) -> bool:
    """Say whether the run was cancelled before it was requested."""
    return bool(await conn.fetchval(_CANCELLED_AHEAD, run_id))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Runs that wait for the same part of their input, and how long the first of them has."""

    missing: str
    runs: int
    oldest_s: float


async def load_waiting(conn: Conn) -> list[Waiting]:
    """Count runs that wait for their input, by what is missing of it."""
    return [Waiting(**dict(row)) for row in await conn.fetch(_WAITING)]


def run_of(row: asyncpg.Record) -> Run:
    """Read a run from a row with its columns."""
    return Run(
        run_id=RunId(row["run_id"]),
        hub_id=HubId(row["hub_id"]),
        round_id=RoundId(row["round_id"]),
        input_id=InputId(row["input_id"]),
        input_sha256=row["input_sha256"],
        policy=Policy.model_validate(row["policy"]),
        state=RunState(row["state"]),
        waiting_for=row["waiting_for"],
        correlation_id=row["correlation_id"],
        causation_id=row["causation_id"],
        change=_change(row),
        shares=row["shares"],
    )


def _change(row: asyncpg.Record) -> Change | None:
    if row["parent_run_id"] is None:
        return None
    return Change(RunId(row["parent_run_id"]), row["parent_result_sha256"], row["mode"])
