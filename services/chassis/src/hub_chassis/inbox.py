"""What has been handled: an envelope's id once, and the newest state seen of each subject."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from hub_chassis.errors import Transient

if TYPE_CHECKING:
    from hub_chassis.database import Conn

_CLAIM = """
    INSERT INTO inbox (envelope_id)
    SELECT envelope_id FROM unnest($1::uuid[]) AS claimed (envelope_id) ORDER BY envelope_id
        ON CONFLICT DO NOTHING
    RETURNING envelope_id
"""
_PASSED = """
    SELECT source, topic, subject, seq
      FROM passed_seq
     WHERE (source, topic, subject) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
     ORDER BY source, topic, subject
"""
_ADVANCE = """
    INSERT INTO passed_seq AS passed (source, topic, subject, seq)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) ORDER BY 1, 2, 3
        ON CONFLICT (source, topic, subject) DO UPDATE SET seq = excluded.seq WHERE passed.seq < excluded.seq
    RETURNING seq
"""

State = tuple[str, str, str]
"""Whose state: source, topic (without prefix), subject."""


async def claim(conn: "Conn", ids: Sequence[UUID]) -> set[UUID]:
    """Claim envelopes for this transaction; gives those nobody has handled before.

    Waits for another transaction that is claiming one of them, so that two consumers never both win.
    """
    rows = await conn.fetch(_CLAIM, list(set(ids)))
    return {row["envelope_id"] for row in rows}


async def passed(conn: "Conn", states: Collection[State]) -> dict[State, int]:
    """The newest ``seq`` handled of each state; absent when none was."""
    if not states:
        return {}
    rows = await conn.fetch(_PASSED, *map(list, zip(*states, strict=True)))
    return {(row["source"], row["topic"], row["subject"]): row["seq"] for row in rows}


async def advance(conn: "Conn", seqs: Mapping[State, int]) -> None:
    """Note how far each state has come; raises Transient when another consumer came further meanwhile."""
    if not seqs:
        return
    rows = await conn.fetch(_ADVANCE, *map(list, zip(*seqs, strict=True)), list(seqs.values()))
    if len(rows) < len(seqs):
        raise Transient("another consumer has passed one of these states")
