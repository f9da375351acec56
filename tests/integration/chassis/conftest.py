"""What the chassis' tests stand on: a migrated database and topics of the test's own."""

import pytest

from tests.integration.chassis.support import Ledger, migrate
from tests.support.fixtures import MakeDatabase
from tests.support.servers import KafkaServer


@pytest.fixture
async def ledger(make_database: MakeDatabase, kafka_server: KafkaServer, topic_prefix: str) -> Ledger:
    """Give the test a migrated database and topics of its own."""
    database = await make_database("chassis-ledger", migrate)
    return Ledger(database, bootstrap=kafka_server.bootstrap, prefix=topic_prefix)
