"""The topics file: what it makes of an empty broker, and of one that has topics already."""

import asyncio
import dataclasses
import sys

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from hub_deploy.embedded import topics
from hub_schemas import topics as names
from tests.support.servers import KafkaServer


async def partitions_and_retention(bootstrap: str, name: str) -> tuple[int, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        [found] = await admin.describe_topics([name])
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        settings = {row[0]: row[1] for row in answer.resources[0][4]}
        return len(found["partitions"]), settings["retention.ms"]
    finally:
        await admin.close()


def test_file_names_exactly_the_topics_of_the_schemas() -> None:
    assert sorted(topic.name for topic in topics.load()) == sorted(names.ALL)


async def test_applying_again_makes_nothing_new(kafka_server: KafkaServer, topic_prefix: str) -> None:
    again = topics.prefixed(topics.load(), topic_prefix, partitions=3)
    assert await topics.apply(kafka_server.bootstrap, again) == []


async def test_changed_retention_and_more_partitions_reach_an_existing_topic(
    kafka_server: KafkaServer, topic_prefix: str
) -> None:
    [rounds] = [t for t in topics.prefixed(topics.load(), topic_prefix) if t.name.endswith(names.ROUNDS)]
    changed = dataclasses.replace(rounds, partitions=4, retention_days=7)
    await topics.apply(kafka_server.bootstrap, [changed])
    wanted = (4, str(7 * 86_400_000))
    for _ in range(300):  # the controller has taken it; the broker hears of it a little later
        if (found := await partitions_and_retention(kafka_server.bootstrap, rounds.name)) == wanted:
            break
        await asyncio.sleep(0.1)
    assert found == wanted


async def test_fewer_partitions_than_there_are_leaves_the_topic_alone(
    kafka_server: KafkaServer, topic_prefix: str
) -> None:
    fewer = topics.prefixed(topics.load(), topic_prefix, partitions=1)
    await topics.apply(kafka_server.bootstrap, fewer)
    count, _ = await partitions_and_retention(kafka_server.bootstrap, topic_prefix + names.RUNS)
    assert count == 3


async def test_refused_topic_is_named(kafka_server: KafkaServer) -> None:
    [rounds] = [t for t in topics.load() if t.name == names.ROUNDS]
    with pytest.raises(topics.TopicRefused) as refused:
        await topics.apply(kafka_server.bootstrap, [dataclasses.replace(rounds, name="no spaces allowed")])
    assert refused.value.topic == "no spaces allowed"


async def test_command_says_that_there_is_no_broker() -> None:
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub_deploy.embedded.topics", "--bootstrap", "127.0.0.1:1", "--timeout-s", "0.5",
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await command.communicate()
    assert command.returncode == 1
    assert b"no broker at 127.0.0.1:1" in said
