"""The embedded servers: what they keep when they are killed, and what the fixtures hand out."""

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from hub_deploy.embedded import topics
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.postgres import Postgres
from hub_schemas import topics as names
from tests.support.databases import FreshDatabase
from tests.support.fixtures import MakeDatabase
from tests.support.servers import KafkaServer


async def produce(bootstrap: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, partition=0)
    finally:
        await producer.stop()


async def read(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_committed_rows_survive_a_killed_postgresql(own_postgres: Postgres) -> None:
    before = await asyncpg.connect(own_postgres.url())
    await before.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    own_postgres.kill()
    before.terminate()
    own_postgres.start()
    after = await asyncpg.connect(own_postgres.url())
    assert await after.fetchval("SELECT count(*) FROM kept") == 1000
    await after.close()


async def test_acknowledged_messages_survive_a_killed_broker(own_kafka: Kafka) -> None:
    wanted = topics.prefixed(topics.load(), "", partitions=1)
    await topics.apply(own_kafka.bootstrap, wanted)
    await produce(own_kafka.bootstrap, names.ROUNDS, b"before")
    own_kafka.kill()
    own_kafka.start()
    await produce(own_kafka.bootstrap, names.ROUNDS, b"after")
    assert await read(own_kafka.bootstrap, names.ROUNDS, 2) == [b"before", b"after"]


async def test_what_one_test_prefix_carries_comes_back(kafka_server: KafkaServer, topic_prefix: str) -> None:
    await produce(kafka_server.bootstrap, topic_prefix + names.ENTRIES, b"one")
    assert await read(kafka_server.bootstrap, topic_prefix + names.ENTRIES, 1) == [b"one"]


async def test_login_role_of_a_fresh_database_is_bound_by_row_level_security(fresh_database: FreshDatabase) -> None:
    conn = await asyncpg.connect(fresh_database.url)
    rights = await conn.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    await conn.close()
    assert rights is not None
    assert tuple(rights) == (False, False)


async def test_template_is_built_once_and_copied_for_each_database(make_database: MakeDatabase) -> None:
    built: list[str] = []

    async def build(database: FreshDatabase) -> None:
        built.append(database.name)
        conn = await asyncpg.connect(database.owner_url)
        await conn.execute("CREATE TABLE school (urn text PRIMARY KEY)")
        await conn.close()

    for _ in range(2):
        copy = await make_database("schools", build)
        conn = await asyncpg.connect(copy.owner_url)
        await conn.execute("INSERT INTO school VALUES ('104567')")
        await conn.close()
    assert len(built) == 1
