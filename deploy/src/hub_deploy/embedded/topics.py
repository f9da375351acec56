"""Creates the topics of ``deploy/kafka/topics.yml`` and brings existing ones in line; applying twice changes nothing.

``python -m hub_deploy.embedded.topics --bootstrap host:port`` does it from a shell or a container.
"""

import asyncio
import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code

DEFAULT_FILE: Final = Path(__file__).parents[3] / "kafka" / "topics.yml"
_DAY_MS: Final = 86_400_000


class TopicRefused(Exception):
    """The broker refused to make or change a topic."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"{topic}: {reason}")
        self.topic = topic


@dataclass(frozen=True)
class Topic:
    """A topic as it should be."""

    name: str
    partitions: int
    retention_days: int
    cleanup: str
    max_message_bytes: int

    def configs(self, replication_factor: int) -> dict[str, str]:
        """Return Kafka's settings of this topic; with three copies or more, two must have a message to accept it."""
        return {
            "retention.ms": str(self.retention_days * _DAY_MS),
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": "2" if replication_factor >= 3 else "1",
        }


def load(file: Path = DEFAULT_FILE) -> list[Topic]:
    """Read a topics file; raises TypeError for a key it does not know or one that is missing."""
    content = yaml.safe_load(file.read_text())
    return [Topic(name=name, **{**content["defaults"], **own}) for name, own in content["topics"].items()]


def prefixed(topics: Iterable[Topic], prefix: str, *, partitions: int | None = None) -> list[Topic]:
    """Return the topics under another name prefix, optionally with another number of partitions."""
    return [
        dataclasses.replace(topic, name=f"{prefix}{topic.name}", partitions=partitions or topic.partitions)
        for topic in topics
    ]


async def apply(
    bootstrap: str,
    topics: Sequence[Topic],
    *,
    replication_factor: int = 1,
    timeout_s: float = 60.0,
    client: Mapping[str, Any] | None = None,
) -> list[str]:
    """Create missing topics, raise partition counts, set every setting; returns the names newly created.

    Waits until the broker answers and until every partition has a leader. A topic with more partitions than wanted
    stays as it is: Kafka cannot take partitions away.

    Args:
        bootstrap: a broker's address, host:port.
        topics: what is wanted.
        replication_factor: copies of each partition.
        timeout_s: for all of it.
        client: further arguments of aiokafka's client, e.g. how to speak to brokers that ask for a password.

    Raises:
        TopicRefused: the broker refused one.
        TimeoutError: no broker, or no leaders, within ``timeout_s``.
    """
    async with asyncio.timeout(timeout_s):
        admin = await _connect(bootstrap, **(client or {}))
        try:
            created = await _create(admin, topics, replication_factor)
            existing = [topic for topic in topics if topic.name not in created]
            if existing:
                await _bring_in_line(admin, existing, replication_factor)
            await _wait_for_leaders(admin, topics)
            return created
        finally:
            await admin.close()


async def delete(bootstrap: str, names: Sequence[str]) -> None:
    """Delete topics with all their messages; names that do not exist are ignored."""
    admin = await _connect(bootstrap)
    try:
        await admin.delete_topics(list(names))
    finally:
        await admin.close()


async def _connect(bootstrap: str, **client: Any) -> AIOKafkaAdminClient:
    while True:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **client)
        try:
            await admin.start()
        except KafkaConnectionError:
            await admin.close()
            await asyncio.sleep(0.2)
        else:
            return admin


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication_factor: int) -> list[str]:
    response = await admin.create_topics(
        [
            NewTopic(topic.name, topic.partitions, replication_factor, None, topic.configs(replication_factor))
            for topic in topics
        ]
    )
    created = []
    for name, code, message in response.topic_errors:
        if code == 0:
            created.append(name)
        elif for_code(code) is not TopicAlreadyExistsError:
            raise TopicRefused(name, message or for_code(code).__name__)
    return created


async def _bring_in_line(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication_factor: int) -> None:
    counts = {found["topic"]: len(found["partitions"]) for found in await _describe(admin, topics)}
    few = {topic.name: NewPartitions(topic.partitions) for topic in topics if counts[topic.name] < topic.partitions}
    if few:
        await admin.create_partitions(few)
    wanted = [ConfigResource(ConfigResourceType.TOPIC, t.name, t.configs(replication_factor)) for t in topics]
    for response in await admin.alter_configs(wanted):
        for code, message, _, name in response.resources:
            if code != 0:
                raise TopicRefused(name, message or for_code(code).__name__)


async def _describe(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await admin.describe_topics([topic.name for topic in topics])
    return found


async def _wait_for_leaders(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    wanted = {topic.name: topic.partitions for topic in topics}
    while True:
        led = {
            found["topic"]: sum(1 for part in found["partitions"] if part["error_code"] == 0 and part["leader"] >= 0)
            for found in await _describe(admin, topics)
        }
        if all(led.get(name, 0) >= count for name, count in wanted.items()):
            return
        await asyncio.sleep(0.05)


def main(
    bootstrap: Annotated[str, typer.Option(help="A broker's address, host:port")],
    file: Annotated[Path, typer.Option(help="The topics file")] = DEFAULT_FILE,
    replication_factor: Annotated[int, typer.Option(help="Copies of each partition")] = 1,
    prefix: Annotated[str, typer.Option(help="Put in front of every name", envvar="HUB_TOPIC_PREFIX")] = "",
    timeout_s: Annotated[float, typer.Option(help="Give up after so many seconds")] = 60.0,
) -> None:
    """Create the topics, or bring existing ones in line."""
    began = time.monotonic()
    topics = prefixed(load(file), prefix)
    try:
        created = asyncio.run(apply(bootstrap, topics, replication_factor=replication_factor, timeout_s=timeout_s))
    except TimeoutError:
        typer.echo(f"no broker at {bootstrap} was ready within {timeout_s:g} s", err=True)
        raise typer.Exit(1) from None
    except TopicRefused as refused:
        typer.echo(f"refused: {refused}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(topics)} topics in place, {len(created)} of them new, {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    typer.run(main)
