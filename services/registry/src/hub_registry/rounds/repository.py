"""All SQL about rounds."""

from typing import Any

import asyncpg

from hub_chassis.database import Conn
from hub_registry.errors import RoundInProgress, RoundNotKnown
from hub_registry.rounds.model import Round, RoundState
from hub_schemas.ids import ProgrammeId, RoundId
from hub_schemas.policy import Policy

_COLUMNS = (
    "round_id, hub_id, programme_id, name, state, opens_at, closes_at, policy, lottery_commitment, created_at,"
    " coalesce((SELECT seed FROM lottery l WHERE l.round_id = round.round_id), '') AS lottery_seed, created_by,"
    " opened_at, closed_at, cancelled_at, cancel_reason, published_at, published_run_id, settled_at, input_id,"
    " closing_failed, xmin::text AS version"
)

_READ = f"SELECT {_COLUMNS} FROM round WHERE round_id = $1"
_LOCK = f"SELECT {_COLUMNS} FROM round WHERE round_id = $1 FOR UPDATE"
_HOLD = "SELECT hold_round($1)"
_LIST = f"""
    SELECT {_COLUMNS}
      FROM round
     WHERE ($1::uuid IS NULL OR round_id > $1)
     ORDER BY round_id
     LIMIT $2
"""
_OF_PROGRAMME = f"SELECT {_COLUMNS} FROM round WHERE programme_id = $1 ORDER BY round_id DESC"
_NEWEST = f"SELECT {_COLUMNS} FROM round WHERE ($1::uuid IS NULL OR round_id < $1) ORDER BY round_id DESC LIMIT $2"
_INSERT = """
    WITH made AS (
         INSERT INTO round (round_id, hub_id, programme_id, name, state, opens_at, closes_at, policy,
                            lottery_commitment, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $10, $11, $12)
         RETURNING round_id, hub_id)
    INSERT INTO lottery (round_id, hub_id, seed) SELECT round_id, hub_id, $9 FROM made
"""
_SAVE = """
    UPDATE round
       SET name = $2, state = $3, opens_at = $4, closes_at = $5, policy = $6, opened_at = $7, closed_at = $8,
           cancelled_at = $9, cancel_reason = $10, published_at = $11, published_run_id = $12, settled_at = $13,
           input_id = $14, closing_failed = $15
     WHERE round_id = $1
"""
_TRAVEL_DEFAULT = "SELECT default_max_travel_minutes FROM programme WHERE programme_id = $1"
_SCHOOLS_MISSING = """
    SELECT count(DISTINCT s.school_id)
      FROM student s
      JOIN round r ON r.hub_id = s.hub_id
      JOIN programme p ON p.programme_id = r.programme_id
     WHERE r.round_id = $1
       AND s.left_at IS NULL
       AND s.consent <> 'no'
       AND s.year_group = ANY (p.year_groups)
       AND NOT EXISTS (SELECT FROM submission m WHERE m.round_id = r.round_id AND m.school_id = s.school_id)
"""


async def load_round(conn: Conn, round_id: RoundId) -> Round:
    """Read a round; raises RoundNotKnown, also when the caller may not know of it."""
    return _found(await conn.fetchrow(_READ, round_id), round_id)


async def lock_round(conn: Conn, round_id: RoundId) -> Round:
    """Read a round and keep others from changing it until the transaction ends; raises RoundNotKnown."""
    return _found(await conn.fetchrow(_LOCK, round_id), round_id)


async def hold_round(conn: Conn, round_id: RoundId) -> Round:
    """Read a round and keep its state as it is until the transaction ends; many may hold it; raises RoundNotKnown."""
    await conn.execute(_HOLD, round_id)
    return _found(await conn.fetchrow(_READ, round_id), round_id)


async def list_rounds(conn: Conn, *, after: RoundId | None, limit: int) -> list[Round]:
    """Read the rounds the caller may know of, oldest first."""
    return [_round(row) for row in await conn.fetch(_LIST, after, limit)]


async def list_of_programme(conn: Conn, programme_id: ProgrammeId) -> list[Round]:
    """Read a programme's rounds, newest first."""
    return [_round(row) for row in await conn.fetch(_OF_PROGRAMME, programme_id)]


async def list_newest(conn: Conn, *, before: RoundId | None, limit: int) -> list[Round]:
    """Read the rounds the caller may know of, newest first."""
    return [_round(row) for row in await conn.fetch(_NEWEST, before, limit)]


async def insert_round(conn: Conn, round_: Round) -> None:
    """Write a new round."""
    await conn.execute(
        _INSERT,
        round_.round_id,
        round_.hub_id,
        round_.programme_id,
        round_.name,
        round_.state.value,
        round_.opens_at,
        round_.closes_at,
        round_.policy.model_dump(mode="json"),
        round_.lottery_seed,
        round_.lottery_commitment,
        round_.created_at,
        round_.created_by,
    )


async def save_round(conn: Conn, round_: Round) -> None:
    """Write what may change of a round; raises RoundInProgress when its programme has one open or closed already."""
    try:
        await conn.execute(
            _SAVE,
            round_.round_id,
            round_.name,
            round_.state.value,
            round_.opens_at,
            round_.closes_at,
            round_.policy.model_dump(mode="json"),
            round_.opened_at,
            round_.closed_at,
            round_.cancelled_at,
            round_.cancel_reason,
            round_.published_at,
            round_.published_run_id,
            round_.settled_at,
            round_.input_id,
            round_.closing_failed,
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "round_one_at_once":
            raise RoundInProgress(
                "the programme has another round that is open, or closed and not published yet",
                programme_id=str(round_.programme_id),
            ) from error
        raise


async def load_travel_default(conn: Conn, programme_id: ProgrammeId) -> int | None:
    """Read how far a student of a programme travels unless said otherwise; None when there is no such programme."""
    minutes: int | None = await conn.fetchval(_TRAVEL_DEFAULT, programme_id)
    return minutes


async def count_schools_missing(conn: Conn, round_id: RoundId) -> int:
    """Count the schools with students who may take part that have not submitted preferences."""
    return int(await conn.fetchval(_SCHOOLS_MISSING, round_id) or 0)


def _found(row: asyncpg.Record | None, round_id: RoundId) -> Round:
    if row is None:
        raise RoundNotKnown("there is no such round", round_id=str(round_id))
    return _round(row)


def _round(row: asyncpg.Record) -> Round:
    values: dict[str, Any] = dict(row)
    values["state"] = RoundState(values["state"])
    values["policy"] = Policy.model_validate(values["policy"])
    return Round(**values)
