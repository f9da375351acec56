"""What matching's tests stand on: a migrated database and topics of the test's own."""

import pytest

from tests.integration.matching.support import Matching, migrate
from tests.support.fixtures import MakeDatabase
from tests.support.servers import KafkaServer


@pytest.fixture
async def matching(make_database: MakeDatabase, kafka_server: KafkaServer, topic_prefix: str) -> Matching:
    """Give the test a migrated database and topics of its own."""
    database = await make_database("matching", migrate)
    return Matching(database, bootstrap=kafka_server.bootstrap, prefix=topic_prefix)
