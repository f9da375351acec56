"""What has been handled: an envelope's id once, and the newest state seen of each subject."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from hub_chassis.database import Conn

_CLAIM = """
    INSERT INTO inbox (envelope_id)
    SELECT envelope_id FROM unnest($1::uuid[]) AS claimed (envelope_id) ORDER BY envelope_id
        ON CONFLICT DO NOTHING
    RETURNING envelope_id
"""
_ADVANCE = """
    INSERT INTO passed_seq AS passed (source, topic, subject, seq)
    VALUES ($1, $2, $3, $4)
        ON CONFLICT (source, topic, subject) DO UPDATE SET seq = excluded.seq WHERE passed.seq < excluded.seq
    RETURNING seq
"""


async def claim(conn: "Conn", ids: Sequence[UUID]) -> set[UUID]:
    """Claim envelopes for this transaction; gives those nobody has handled before.

    Waits for another transaction that is claiming one of them, so that two consumers never both win.
    """
    rows = await conn.fetch(_CLAIM, list(set(ids)))
    return {row["envelope_id"] for row in rows}


async def advance(conn: "Conn", *, source: str, topic: str, subject: str, seq: int) -> bool:
    """Note that the subject's state has come to ``seq``; False when it had passed it already."""
    return await conn.fetchval(_ADVANCE, source, topic, subject, seq) is not None
