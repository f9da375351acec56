"""Which servers the tests run on: a given address, else containers, else plain processes of hub_deploy.embedded."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.postgres import Postgres
from tests.support.containers import engine_has, kafka_container, postgres_container

POSTGRES_IMAGE = os.environ.get("TEST_POSTGRES_IMAGE", "postgres:18")
KAFKA_IMAGE = os.environ.get("TEST_KAFKA_IMAGE", "apache/kafka:4.1.0")


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server for tests."""

    url: str
    """The superuser's, at the database ``postgres``."""
    way: str
    """How it was come by, for the summary."""

    def url_for(self, database: str, *, user: str | None = None, password: str = "") -> str:
        """Return a URL for another database, and another role if given."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        netloc = parts.netloc if user is None else f"{quote(user)}:{quote(password)}@{host}"
        return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


@dataclass(frozen=True)
class KafkaServer:
    """A Kafka broker for tests."""

    bootstrap: str
    """host:port"""
    way: str
    """How it was come by, for the summary."""


def say(line: str) -> None:
    """Tell whoever waits for the servers what is going on, past pytest's capturing."""
    print(f"[tests] {line}", file=sys.__stderr__, flush=True)


@contextlib.contextmanager
def open_postgres() -> Iterator[PostgresServer]:
    """Come by a PostgreSQL server for as long as the block runs."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield PostgresServer(url, "given by TEST_POSTGRES_URL")
    elif engine_has(POSTGRES_IMAGE):
        with postgres_container(POSTGRES_IMAGE) as url:
            yield PostgresServer(url, f"container {POSTGRES_IMAGE}")
    else:
        with Postgres(durable=False, max_connections=300, progress=say) as server:
            yield PostgresServer(server.url(), "embedded PostgreSQL 18")


@contextlib.contextmanager
def open_kafka() -> Iterator[KafkaServer]:
    """Come by a Kafka broker for as long as the block runs."""
    if bootstrap := os.environ.get("TEST_KAFKA_BOOTSTRAP"):
        yield KafkaServer(bootstrap, "given by TEST_KAFKA_BOOTSTRAP")
    elif engine_has(KAFKA_IMAGE):
        with kafka_container(KAFKA_IMAGE) as bootstrap:
            yield KafkaServer(bootstrap, f"container {KAFKA_IMAGE}")
    else:
        with Kafka(progress=say) as broker:
            yield KafkaServer(broker.bootstrap, "embedded Kafka 4.1")
