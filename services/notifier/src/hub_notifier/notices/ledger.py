"""What became of each try: the delivery ledger, and the notice's state with it, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hub_chassis.database import Conn
from hub_notifier.errors import NoticeNotFound, NoticeNotUncertain
from hub_notifier.notices.model import (
    Claimed,
    Ending,
    Failed,
    Notice,
    Publication,
    PutOff,
    Recipient,
    Sent,
    State,
    Uncertain,
)
from hub_notifier.notices.repository import publication_of, recipient_of
from hub_schemas.ids import NoticeId, RunId

_SETTLE = """
    WITH ending AS (
        SELECT *
          FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::interval[], $6::text[], $7::text[])
            AS ending (notice_id, claim, state, reason, pause, channel, outcome)
    ), settled AS (
        UPDATE notice
           SET state = ending.state, reason = ending.reason,
               claim = CASE WHEN ending.state = 'uncertain' THEN notice.claim END,
               due_at = now() + ending.pause,
               deferrals = deferrals + CASE WHEN ending.state = 'waiting' THEN 1 ELSE 0 END,
               first_put_off_at = coalesce(first_put_off_at, CASE WHEN ending.state = 'waiting' THEN now() END),
               settled_at = CASE WHEN ending.state <> 'waiting' THEN now() END
          FROM ending
         WHERE notice.notice_id = ending.notice_id AND notice.claim = ending.claim
     RETURNING ending.*
    ), noted AS (
        INSERT INTO delivery (notice_id, channel, outcome, reason)
        SELECT notice_id, channel, outcome, reason FROM settled ORDER BY notice_id
     RETURNING notice_id, at
    )
    SELECT notice_id, claim, at FROM settled JOIN noted USING (notice_id) ORDER BY notice_id
"""

_STATE = {Sent: State.SENT, PutOff: State.WAITING, Failed: State.FAILED, Uncertain: State.UNCERTAIN}
_OUTCOME = {Sent: "sent", PutOff: "put_off", Failed: "failed", Uncertain: "uncertain"}


def outcome_of(ending: Ending) -> str:
    """The ledger's word for an ending."""
    return _OUTCOME[type(ending)]


@dataclass(frozen=True)
class Settlement:
    """How one try of a notice ended; ``pause_s`` is the time to its next try, if there is to be one."""

    notice: Notice
    ending: Ending
    pause_s: float
    channel: str


async def settle(conn: Conn, settlements: Sequence[Settlement]) -> dict[Claimed, datetime]:
    """Write how tries ended, where the claim still stands; gives when, by the notices written.

    An uncertain notice keeps its claim: should the answer come after all, it still counts.
    """
    rows = await conn.fetch(
        _SETTLE,
        [one.notice.notice_id for one in settlements],
        [one.notice.claim for one in settlements],
        [_STATE[type(one.ending)].value for one in settlements],
        [None if isinstance(one.ending, Sent) else one.ending.reason for one in settlements],
        [timedelta(seconds=one.pause_s) for one in settlements],
        [one.channel for one in settlements],
        [outcome_of(one.ending) for one in settlements],
    )
    return {Claimed(NoticeId(row["notice_id"]), row["claim"]): row["at"] for row in rows}


@dataclass(frozen=True)
class Abandoned:
    """A notice whose message was being handed over when its worker fell silent."""

    notice_id: NoticeId
    recipient: Recipient
    publication: Publication
    at: datetime


_SWEEP = """
    WITH silent AS (
        SELECT notice_id
          FROM notice
         WHERE state = 'handing_over' AND due_at < now()
         ORDER BY due_at, notice_id
         LIMIT 500
           FOR UPDATE SKIP LOCKED
    ), swept AS (
        UPDATE notice
           SET state = 'uncertain', reason = $1, settled_at = now()
          FROM silent
         WHERE notice.notice_id = silent.notice_id
     RETURNING notice.*
    ), noted AS (
        INSERT INTO delivery (notice_id, channel, outcome, reason)
        SELECT notice_id, '', 'uncertain', $1 FROM swept
    )
    SELECT swept.notice_id, kind, recipient_id, settled_at, run_id, round_id, publication.hub_id, programme_id,
           result_sha256, published_at, correlation_id, about
      FROM swept JOIN publication USING (run_id)
     ORDER BY swept.notice_id
"""


async def sweep_silent(conn: Conn, *, reason: str) -> list[Abandoned]:
    """Call uncertain what was being handed over by a worker whose lease has run out; lists those, by notice id."""
    return [
        Abandoned(
            notice_id=NoticeId(row["notice_id"]),
            recipient=recipient_of(row),
            publication=publication_of(row),
            at=row["settled_at"],
        )
        for row in await conn.fetch(_SWEEP, reason)
    ]


_STATE_OF = "SELECT state FROM notice WHERE notice_id = $1 FOR UPDATE"
_SEND_AGAIN = """
    WITH again AS (
        UPDATE notice
           SET state = 'waiting', reason = NULL, claim = NULL, due_at = now(), settled_at = NULL
         WHERE notice_id = $1
     RETURNING notice_id
    )
    INSERT INTO delivery (notice_id, channel, outcome) SELECT notice_id, '', 'retried_by_hand' FROM again
"""


async def send_again(conn: Conn, notice_id: NoticeId) -> None:
    """Let an uncertain notice be sent once more, as a person decided; raises NoticeNotFound, NoticeNotUncertain."""
    state = await conn.fetchval(_STATE_OF, notice_id)
    if state is None:
        raise NoticeNotFound(notice_id)
    if state != State.UNCERTAIN:
        raise NoticeNotUncertain(notice_id)
    await conn.execute(_SEND_AGAIN, notice_id)


@dataclass(frozen=True)
class Line:
    """A notice as the ledger shows it; ids and codes only."""

    notice_id: NoticeId
    kind: str
    recipient_id: str
    state: str
    reason: str | None
    deferrals: int
    settled_at: datetime | None


_LINES = """
    SELECT notice_id, kind, recipient_id, state, reason, deferrals, settled_at
      FROM notice
     WHERE run_id = $1 AND notice_id > $2
     ORDER BY notice_id
     LIMIT $3
"""


async def lines(conn: Conn, run_id: RunId, *, after: UUID, limit: int) -> Sequence[Line]:
    """List a run's notices and where they stand, by notice id."""
    return [Line(**dict(row)) for row in await conn.fetch(_LINES, run_id, after, limit)]


@dataclass(frozen=True)
class Open:
    """How much is still to be told."""

    waiting: int
    held: int
    oldest_s: float
    """Of those that no hub holds."""
    uncertain: int


_OPEN = """
    SELECT count(*) AS waiting,
           count(*) FILTER (WHERE hold.hub_id IS NOT NULL) AS held,
           coalesce(extract(epoch FROM now() - min(notice.created_at) FILTER (WHERE hold.hub_id IS NULL)), 0)::float8
               AS oldest_s,
           (SELECT count(*) FROM notice WHERE state = 'uncertain') AS uncertain
      FROM notice LEFT JOIN hold USING (hub_id)
     WHERE state IN ('waiting', 'sending')
"""


async def count_open(conn: Conn) -> Open:
    """Count the notices that are not on their way yet, those of holding hubs apart; and the age of the oldest."""
    row = await conn.fetchrow(_OPEN)
    return Open(**dict(row)) if row else Open(waiting=0, held=0, oldest_s=0.0, uncertain=0)
