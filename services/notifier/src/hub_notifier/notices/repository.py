"""All SQL about publications and notices. Leases and due times run on the database's clock."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from asyncpg import Record

from hub_chassis.database import Conn
from hub_notifier.notices.model import Claimed, Notice, Publication, Recipient, notice_id
from hub_schemas.ids import HubId, NoticeId, ProgrammeId, RoundId, RunId

_RECORD = """
    INSERT INTO publication
           (run_id, round_id, hub_id, programme_id, result_sha256, published_at, correlation_id, about, state)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8,
           CASE WHEN EXISTS (SELECT FROM superseded_run WHERE run_id = $1) THEN 'superseded' ELSE 'recorded' END
        ON CONFLICT (run_id) DO NOTHING
"""
_LOCK_RUN = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))"


async def record_publication(conn: Conn, publication: Publication) -> None:
    """Remember a published run; nothing happens when it is known already, nor later when it is superseded already."""
    await conn.execute(_LOCK_RUN, str(publication.run_id))
    await conn.execute(
        _RECORD,
        publication.run_id,
        publication.round_id,
        publication.hub_id,
        publication.programme_id,
        publication.result_sha256,
        publication.published_at,
        publication.correlation_id,
        publication.about,
    )


_SUPERSEDE_RUN = "INSERT INTO superseded_run (run_id) VALUES ($1) ON CONFLICT (run_id) DO NOTHING"
_SUPERSEDE = "UPDATE publication SET state = 'superseded' WHERE run_id = $1"
_DROP_UNSENT = """
    WITH dropped AS (
        UPDATE notice
           SET state = 'failed', reason = $2, claim = NULL, settled_at = now()
         WHERE run_id = $1 AND state IN ('waiting', 'sending')
     RETURNING notice_id, kind, recipient_id
    ), noted AS (
        INSERT INTO delivery (notice_id, channel, outcome, reason)
        SELECT notice_id, '', 'failed', $2 FROM dropped
    )
    SELECT notice_id, kind, recipient_id FROM dropped ORDER BY notice_id
"""


async def supersede(conn: Conn, run_id: RunId, *, reason: str) -> list[tuple[NoticeId, Recipient]]:
    """Note that a run no longer stands and end its unsent notices as failed; lists those, by notice id.

    A worker that has claimed one of them loses its claim and may not hand the message over any more.
    """
    await conn.execute(_LOCK_RUN, str(run_id))
    await conn.execute(_SUPERSEDE_RUN, run_id)
    await conn.execute(_SUPERSEDE, run_id)
    return [(NoticeId(row["notice_id"]), recipient_of(row)) for row in await conn.fetch(_DROP_UNSENT, run_id, reason)]


_CLAIM_PUBLICATION = """
    UPDATE publication
       SET due_at = now() + $1
     WHERE run_id = (SELECT run_id
                       FROM publication
                      WHERE state = 'recorded' AND due_at <= now()
                      ORDER BY due_at, run_id
                      LIMIT 1
                        FOR UPDATE SKIP LOCKED)
 RETURNING run_id, round_id, hub_id, programme_id, result_sha256, published_at, correlation_id, about
"""


async def claim_publication(conn: Conn, *, lease_s: float) -> Publication | None:
    """Take the publication that has waited longest for its notices; another look is free after the lease."""
    row = await conn.fetchrow(_CLAIM_PUBLICATION, timedelta(seconds=lease_s))
    return publication_of(row) if row else None


_EXPANDED = "UPDATE publication SET state = $2 WHERE run_id = $1 AND state = 'recorded' RETURNING run_id"
_INSERT_NOTICES = """
    INSERT INTO notice (notice_id, run_id, hub_id, kind, recipient_id)
    SELECT new.notice_id, $1, $2, new.kind, new.recipient_id
      FROM unnest($3::uuid[], $4::text[], $5::text[]) AS new (notice_id, kind, recipient_id)
     ORDER BY new.notice_id
        ON CONFLICT (run_id, kind, recipient_id) DO NOTHING
"""


async def expand(conn: Conn, publication: Publication, recipients: Sequence[Recipient]) -> bool:
    """Write one waiting notice for each recipient; False when the run was superseded or expanded meanwhile."""
    if await conn.fetchval(_EXPANDED, publication.run_id, "expanded") is None:
        return False
    ids = [notice_id(publication.run_id, recipient) for recipient in recipients]
    kinds = [recipient.kind for recipient in recipients]
    names = [recipient.recipient_id for recipient in recipients]
    await conn.execute(_INSERT_NOTICES, publication.run_id, publication.hub_id, ids, kinds, names)
    return True


async def drop_publication(conn: Conn, run_id: RunId) -> None:
    """Note that nobody is to be told of this run, as the registry said when asked."""
    await conn.execute(_EXPANDED, run_id, "superseded")


_CLAIM = """
    WITH due AS (
        SELECT notice_id
          FROM notice
         WHERE state IN ('waiting', 'sending') AND due_at <= now()
           AND NOT EXISTS (SELECT FROM hold WHERE hold.hub_id = notice.hub_id AND hold.look_at > now())
         ORDER BY due_at, notice_id
         LIMIT $2
           FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE notice
           SET state = 'sending', claim = $1, due_at = now() + $3
          FROM due
         WHERE notice.notice_id = due.notice_id
     RETURNING notice.*
    )
    SELECT claimed.notice_id, kind, recipient_id, deferrals,
           extract(epoch FROM now() - coalesce(first_put_off_at, now()))::float8 AS age_s,
           EXISTS (SELECT FROM hold WHERE hold.hub_id = claimed.hub_id) AS hub_held,
           run_id, round_id, publication.hub_id, programme_id, result_sha256, published_at, correlation_id, about
      FROM claimed JOIN publication USING (run_id)
     ORDER BY claimed.notice_id
"""


async def claim(conn: Conn, *, claim: UUID, limit: int, lease_s: float) -> list[Notice]:
    """Take notices that are due, longest due first, also those whose claimant's lease ran out; skips held hubs."""
    rows = await conn.fetch(_CLAIM, claim, limit, timedelta(seconds=lease_s))
    return [
        Notice(
            notice_id=NoticeId(row["notice_id"]),
            recipient=recipient_of(row),
            publication=publication_of(row),
            claim=claim,
            deferrals=row["deferrals"],
            age_s=row["age_s"],
            hub_held=row["hub_held"],
        )
        for row in rows
    ]


_RELEASE = """
    UPDATE notice
       SET state = 'waiting', claim = NULL, due_at = now()
     WHERE notice_id = ANY($1::uuid[]) AND claim = $2 AND state = 'sending'
"""


async def release(conn: Conn, notices: Sequence[Notice]) -> None:
    """Give back claimed notices that nothing was done for; it isn't held against them."""
    if notices:
        await conn.execute(_RELEASE, [notice.notice_id for notice in notices], notices[0].claim)


_HAND_OVER = """
    UPDATE notice
       SET state = 'handing_over', due_at = now() + $3
      FROM unnest($1::uuid[], $2::uuid[]) AS leaving (notice_id, claim)
     WHERE notice.notice_id = leaving.notice_id AND notice.claim = leaving.claim AND state = 'sending'
 RETURNING notice.notice_id, notice.claim
"""


async def begin_hand_over(conn: Conn, notices: Sequence[Notice], *, lease_s: float) -> set[Claimed]:
    """Write that messages are about to leave; gives those whose claim stands: the others must not leave."""
    ids, claims = [notice.notice_id for notice in notices], [notice.claim for notice in notices]
    rows = await conn.fetch(_HAND_OVER, ids, claims, timedelta(seconds=lease_s))
    return {Claimed(NoticeId(row["notice_id"]), row["claim"]) for row in rows}


_HOLD = """
    INSERT INTO hold (hub_id, look_at) VALUES ($1, now() + $2)
        ON CONFLICT (hub_id) DO UPDATE SET look_at = excluded.look_at
"""
_UNHOLD = "DELETE FROM hold WHERE hub_id = $1"


async def hold(conn: Conn, hub_id: HubId, *, look_s: float) -> None:
    """Let a hub's notices wait; the registry is asked again after ``look_s``."""
    await conn.execute(_HOLD, hub_id, timedelta(seconds=look_s))


async def unhold(conn: Conn, hub_id: HubId) -> None:
    """Let a hub's notices go."""
    await conn.execute(_UNHOLD, hub_id)


def recipient_of(row: Record) -> Recipient:
    """Read whom a notice is for."""
    return Recipient(kind=row["kind"], recipient_id=row["recipient_id"])


def publication_of(row: Record) -> Publication:
    """Read what a notice belongs to."""
    return Publication(
        run_id=RunId(row["run_id"]),
        round_id=RoundId(row["round_id"]) if row["round_id"] else None,
        hub_id=HubId(row["hub_id"]),
        programme_id=ProgrammeId(row["programme_id"]) if row["programme_id"] else None,
        result_sha256=row["result_sha256"],
        published_at=row["published_at"],
        correlation_id=row["correlation_id"],
        about=row["about"],
    )
