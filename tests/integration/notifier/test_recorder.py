"""What several senders write together counts for each of them by its own claim."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from hub_chassis.database import Database
from hub_notifier.notices import repository
from hub_notifier.notices.ledger import Settlement
from hub_notifier.notices.model import Notice, Publication, Recipient, Sent
from hub_notifier.recorder import HandOver, Recorder
from hub_notifier.settings import NotifierSettings
from hub_schemas.ids import HubId, ProgrammeId, RoundId, RunId, new_id
from tests.integration.notifier.support import migrate
from tests.support.fixtures import MakeDatabase
from tests.support.registry_api import TOKEN


@pytest.fixture
async def db(make_database: MakeDatabase) -> AsyncIterator[Database]:
    """Give the test the notifier's database as its workers see it."""
    database = await make_database("notifier", migrate)
    settings = NotifierSettings(
        demo=True,
        database_url=database.url,
        kafka_bootstrap="127.0.0.1:1",
        internal_token=TOKEN,
        registry_url="http://127.0.0.1:1",
        smtp_host="127.0.0.1",
        mail_from="hub@hub.example",
    )
    async with Database.open(settings, role="hub_notifier_worker") as opened:
        yield opened


async def claimed_twice(db: Database) -> tuple[Notice, Notice]:
    """One notice in two hands: the first claim's lease ran out, the second claim stands."""
    publication = Publication(
        run_id=RunId(new_id()),
        round_id=RoundId(new_id()),
        hub_id=HubId(new_id()),
        programme_id=ProgrammeId(new_id()),
        result_sha256="0" * 64,
        published_at=datetime(2027, 5, 3, tzinfo=UTC),
        correlation_id=new_id(),
    )
    async with db.transaction() as tx:
        await repository.record_publication(tx.conn, publication)
        await repository.expand(tx.conn, publication, [Recipient("employer", "e")])
    held: list[Notice] = []
    for lease_s in (0.0, 60.0):
        async with db.transaction() as tx:
            held += await repository.claim(tx.conn, claim=new_id(), limit=1, lease_s=lease_s)
    lost, standing = held
    return lost, standing


async def test_a_lost_claim_may_not_hand_over_beside_the_one_that_stands(db: Database) -> None:
    recorder = Recorder(hand_over_lease_s=60)
    lost, standing = await claimed_twice(db)

    may_leave = await asyncio.gather(*(recorder.write(db, HandOver(notice)) for notice in (lost, standing)))

    assert may_leave == [False, True]


async def test_a_lost_claim_settles_nothing_beside_the_one_that_stands(db: Database) -> None:
    recorder = Recorder(hand_over_lease_s=60)
    lost, standing = await claimed_twice(db)
    await recorder.write(db, HandOver(standing))

    kept = await asyncio.gather(
        *(recorder.write(db, Settlement(notice, Sent(), 0.0, "email")) for notice in (lost, standing))
    )

    assert kept == [False, True]
    async with db.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM delivery") == 1
        assert await conn.fetchval("SELECT count(*) FROM outbox") == 1
