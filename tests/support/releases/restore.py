"""Brings back what a release left behind: its databases, its topics, how far each service had read.

The databases come back as they were dumped; then every moment in them is moved by the time that has passed since, as if
the upgrade came right after: else deadlines would be over, tokens and leases long expired. Messages stay byte for byte.
"""

import base64
import gzip
import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from psycopg import sql

from hub_deploy.embedded import pg_binaries
from tests.support.releases.known import FOLDER

_MOMENTS = """
    SELECT table_name, column_name
      FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type = 'timestamp with time zone'
     ORDER BY 1, 2
"""
_ROLE = """
    DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""


@dataclass(frozen=True)
class Left:
    """What a release left: the folder of its dumps, and which round stands where."""

    folder: Path
    recorded_at: datetime
    rounds: dict[str, dict[str, str]]
    """Short name of a round's hub -> its round and run."""
    read_up_to: dict[str, dict[str, int]]
    """Service -> topic/partition -> the offset it reads next."""
    mails: int
    """Mails that had gone out."""

    @classmethod
    def by(cls, release: str) -> "Left":
        """What is kept of a release."""
        told = json.loads(_text(FOLDER / release / "left.json.gz"))
        told["recorded_at"] = datetime.fromisoformat(told["recorded_at"])
        return cls(folder=FOLDER / release, **told)

    def dump(self, service: str) -> str:
        """A service's database as SQL, without what only pg_dump's own client understands."""
        return _text(self.folder / f"{service}.sql.gz")

    def records(self) -> list[dict[str, Any]]:
        """Every record of every topic, in order of topic, partition, offset."""
        return [json.loads(line) for line in _text(self.folder / "topics.jsonl.gz").splitlines()]


def _text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def restore_database(left: Left, service: str, owner_url: str, *, moved: bool = True) -> None:
    """Restore a service's dump into an empty database."""
    dump = left.dump(service)
    _run_sql(owner_url, dump, roles=sorted(set(re.findall(r"hub_(?:registry|matching|notifier)_[a-z]+", dump))))
    if moved:
        _move_moments(owner_url, left.recorded_at)


def rows_only(dump: str) -> str:
    """The rows of a dump without the tables they came from."""
    settings = "SET session_replication_role = replica;\n"  # any order; only checks and unique keys hold
    return settings + "".join(re.findall(r"^COPY .*?^\\\.\n", dump, re.DOTALL | re.MULTILINE))


def insert_rows(left: Left, service: str, owner_url: str) -> None:
    """Put a release's rows into tables that are there already, with the columns that the release knew.

    As their owner, without triggers, foreign keys and policies: ``promises`` says what came of those.
    """
    wanted = rows_only(left.dump(service)).replace("COPY public.alembic_version", "COPY pg_temp.alembic_version")
    wanted = "CREATE TEMP TABLE alembic_version (version_num text);\n" + wanted
    _run_sql(owner_url, wanted, roles=[])


def _run_sql(owner_url: str, text: str, *, roles: Sequence[str]) -> None:
    with psycopg.connect(owner_url, autocommit=True) as conn:
        for role in roles:
            conn.execute(sql.SQL(_ROLE).format(role=sql.Identifier(role)))
    psql = pg_binaries.wheel_folder() / pg_binaries.PACKAGE / pg_binaries.INSTALL / "bin/psql"
    how = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null")
    done = subprocess.run([str(psql), *how, owner_url], input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def _move_moments(owner_url: str, recorded_at: datetime) -> None:
    with psycopg.connect(owner_url) as conn:
        conn.execute("SET session_replication_role = replica")  # rows that never change are moved, too
        columns: dict[str, list[str]] = {}
        for table, column in conn.execute(_MOMENTS).fetchall():
            columns.setdefault(table, []).append(column)
        passed = datetime.now(UTC) - recorded_at
        for table, moments in columns.items():
            moved = [sql.SQL("{0} = {0} + {1}").format(sql.Identifier(one), passed) for one in moments]
            conn.execute(sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table), sql.SQL(", ").join(moved)))


async def restore_topics(left: Left, bootstrap: str) -> None:
    """Write every record where it was, and say how far each service has read; the topics must be there and empty."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for record in left.records():
            headers = [(name, base64.b64decode(value)) for name, value in record["headers"].items()]
            written = await producer.send_and_wait(
                record["topic"], record["value"].encode(), key=record["key"].encode(),
                partition=record["partition"], headers=headers,
            )  # fmt: skip
            assert written.offset == record["offset"]
    finally:
        await producer.stop()
    for service, offsets in left.read_up_to.items():
        await _commit(bootstrap, service, {_part(name): offset for name, offset in offsets.items()})


async def _commit(bootstrap: str, group: str, offsets: dict[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(offsets)
    finally:
        await consumer.stop()


def _part(name: str) -> TopicPartition:
    topic, partition = name.split("/")
    return TopicPartition(topic, int(partition))
