"""Servers that are killed and come back: nothing lost, nothing doubled, and everything goes on by itself."""

import asyncio
import json
import logging

import pytest
from structlog.testing import capture_logs

from hub_chassis import logs
from hub_chassis.telemetry import REGISTRY
from hub_deploy.embedded import topics as embedded_topics
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.postgres import Postgres
from hub_schemas import topics
from tests.integration.chassis.support import Ledger, message, migrate, noting, published, slot, until
from tests.support.databases import Databases
from tests.support.fixtures import MakeDatabase
from tests.support.servers import KafkaServer, PostgresServer

PREFIX = "outage."


async def make_topics(bootstrap: str) -> None:
    await embedded_topics.apply(bootstrap, embedded_topics.prefixed(embedded_topics.load(), PREFIX, partitions=3))


@pytest.fixture
async def on_own_broker(make_database: MakeDatabase, own_kafka: Kafka) -> Ledger:
    await make_topics(own_kafka.bootstrap)
    return Ledger(await make_database("chassis-ledger", migrate), bootstrap=own_kafka.bootstrap, prefix=PREFIX)


@pytest.fixture
async def on_own_database(own_postgres: Postgres, kafka_server: KafkaServer, topic_prefix: str) -> Ledger:
    maker = Databases(PostgresServer(own_postgres.url(), "the test's own"))
    return Ledger(await maker.make("own", migrate), bootstrap=kafka_server.bootstrap, prefix=topic_prefix)


async def noted(ledger: Ledger, count: int) -> bool:
    return len(await ledger.capacities()) >= count


async def test_a_broker_that_is_killed_and_comes_back_loses_and_doubles_nothing(
    on_own_broker: Ledger, own_kafka: Kafka
) -> None:
    ledger = on_own_broker
    async with ledger.relaying() as relay, ledger.consuming(noting()):
        await ledger.stage(*(published(slot(number % 9), number) for number in range(300)))
        await until(lambda: noted(ledger, 1))
        own_kafka.kill()
        await ledger.stage(*(published(slot(number % 9), number) for number in range(300, 600)))
        await until(lambda: says_so(relay.reason))
        await asyncio.to_thread(own_kafka.start)
        await ledger.stage(*(published(slot(number % 9), number) for number in range(700, 1000)))
        await until(lambda: noted(ledger, 900))
        assert relay.reason is None
    expected = [*range(600), *range(700, 1000)]
    assert sorted(await ledger.capacities()) == expected
    by_slot = await ledger.ask("SELECT slot_id, array_agg(capacity ORDER BY place) AS got FROM note GROUP BY slot_id")
    assert all(row["got"] == sorted(row["got"]) for row in by_slot)


async def says_so(reason: str | None) -> bool:
    return reason is not None


async def test_a_broker_that_comes_late_is_waited_for(make_database: MakeDatabase, own_kafka: Kafka) -> None:
    await make_topics(own_kafka.bootstrap)
    own_kafka.stop()
    ledger = Ledger(await make_database("chassis-ledger", migrate), bootstrap=own_kafka.bootstrap, prefix=PREFIX)
    async with ledger.relaying(), ledger.consuming(noting()) as consumer:
        await ledger.stage(published(slot(1), 1))
        await until(lambda: says_so(consumer.reason))
        await asyncio.to_thread(own_kafka.start)
        await until(lambda: noted(ledger, 1))
        assert consumer.reason is None


async def test_a_broker_that_is_away_is_noticed_while_there_is_nothing_to_do(
    on_own_broker: Ledger, own_kafka: Kafka
) -> None:
    async with on_own_broker.consuming(noting()) as consumer:
        await until(lambda: is_free(consumer.reason))
        own_kafka.kill()
        await until(lambda: says_so(consumer.reason))
        assert consumer.reason == "Kafka does not answer"
        await asyncio.to_thread(own_kafka.start)
        await until(lambda: is_free(consumer.reason))
        await on_own_broker.send(message(published(slot(1), 1)))
        await until(lambda: noted(on_own_broker, 1))


async def test_a_send_that_waits_for_kafka_is_counted_and_logged_once(on_own_broker: Ledger, own_kafka: Kafka) -> None:
    with capture_logs() as written:
        async with on_own_broker.relaying() as relay:
            await until(lambda: is_free(relay.reason))
            own_kafka.kill()
            before = failures()
            await on_own_broker.stage(published(slot(1), 1))
            await until(lambda: grew_to(before + 2))
            assert relay.reason == "Kafka does not answer"
            await asyncio.to_thread(own_kafka.start)
            await until(lambda: is_free(relay.reason))
    assert [line["event"] for line in written if "relay" in line["event"]] == ["relay waits: Kafka does not answer"]


def failures() -> float:
    return REGISTRY.get_sample_value("hub_relay_failures_total") or 0.0


async def grew_to(count: float) -> bool:
    return failures() >= count


async def test_a_database_that_is_killed_and_comes_back_loses_and_doubles_nothing(
    on_own_database: Ledger, own_postgres: Postgres
) -> None:
    ledger = on_own_database
    async with ledger.relaying(), ledger.consuming(noting()) as consumer:
        await ledger.send(*(message(published(slot(number), number), seq=number) for number in range(300)))
        await ledger.stage(*(published(slot(1000), 1000 + number) for number in range(10)))
        await until(lambda: noted(ledger, 1))
        own_postgres.kill()
        await ledger.send(*(message(published(slot(number), number), seq=number) for number in range(300, 600)))
        await until(lambda: says_so(consumer.reason))
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: noted(ledger, 609))
        await ledger.stage(published(slot(1001), 2000))
        await until(lambda: noted(ledger, 610))
        published_here = await ledger.read(topics.ENTRIES, at_least=611, quiet_s=1.0)
    capacities = await ledger.capacities()
    expected = [number for number in range(600) if number != 666]
    assert sorted(set(capacities)) == sorted([*expected, *range(1000, 1010), 2000])
    assert len(capacities) == len(set(capacities))
    assert len({json.loads(record.value)["id"] for record in published_here}) == 611


async def test_clients_of_a_broker_that_is_away_do_not_flood_the_log(on_own_broker: Ledger, own_kafka: Kafka) -> None:
    written: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.partition(".")[0] in logs.KAFKA_LOGGERS:
                written.append(record)

    def every(record: logging.LogRecord) -> bool:
        everything.append(record)
        return True

    everything: list[logging.LogRecord] = []
    handler = Keep()
    handler.addFilter(every)
    logs.limit_kafka(handler)
    logging.getLogger().addHandler(handler)
    try:
        async with on_own_broker.relaying(), on_own_broker.consuming(noting()) as consumer:
            await until(lambda: is_free(consumer.reason))
            own_kafka.kill()
            await asyncio.sleep(8)
            await asyncio.to_thread(own_kafka.start)
    finally:
        logging.getLogger().removeHandler(handler)
    assert len(written) < 150
    assert len(everything) > len(written)


async def is_free(reason: str | None) -> bool:
    return reason is None
