"""Whole topics written again, twice each and in disorder: nobody's state changes, and a newcomer comes to the same."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from hub_deploy.demo.story import Story
from hub_deploy.embedded import topics as topics_file
from hub_deploy.stack.services import ServiceProcess
from hub_deploy.stack.stack import Stack, running
from hub_schemas import topics
from hub_schemas.catalogue import parse
from hub_schemas.events.runs import RunSolved
from tests.support.stacks import new_story, upload_files
from tests.support.topic_copies import read, twice_in_disorder, until_read, write

READS = {
    "registry": (topics.RUNS, topics.RUN_RESULTS, topics.NOTICES),
    "matching": (topics.ROUNDS, topics.ROUND_INPUTS, topics.RUN_REQUESTS, topics.ENTRIES),
    "notifier": (topics.ROUNDS,),
}

PLUMBING = {"outbox", "inbox", "passed_seq", "alembic_version", "token", "idempotency_key", "due"}

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


@dataclass(frozen=True)
class Played:
    stack: Stack
    story: Story


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("replay")
    upload_files(folder / "uploads", schools=2)
    with running(folder / "stack", durable=False) as stack:
        story = new_story(stack)
        story.tell(folder / "uploads")
        yield Played(stack, story)


def snapshot(url: str) -> dict[str, str]:
    """A digest of every table of the domain."""
    with psycopg.connect(url) as conn:
        tables = [name for (name,) in conn.execute(_TABLES).fetchall() if name not in PLUMBING]
        return {
            name: str(
                conn.execute(
                    psycopg.sql.SQL("SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t").format(
                        psycopg.sql.Identifier(name)
                    )
                ).fetchone()
            )
            for name in tables
        }


async def test_every_topic_again_twice_and_in_disorder_changes_nothing(played: Played) -> None:
    stack, bootstrap = played.stack, played.stack.kafka.bootstrap
    before = {service: snapshot(stack.owner_url(service)) for service in READS}
    mails = stack.mails.count()
    assert mails > 0
    again = twice_in_disorder(await read(bootstrap, topics.ALL), seed=1)
    await write(bootstrap, again)
    for service, read_topics in READS.items():
        await until_read(bootstrap, service, read_topics)
    await asyncio.sleep(2)  # what a handler may have set going would be seen now
    assert {service: snapshot(stack.owner_url(service)) for service in READS} == before
    assert stack.mails.count() == mails


async def test_newcomer_fed_in_disorder_solves_to_the_same_result(played: Played, tmp_path: Path) -> None:
    stack, bootstrap, prefix = played.stack, played.stack.kafka.bootstrap, "newcomer."
    await topics_file.apply(bootstrap, topics_file.prefixed(topics_file.load(), prefix, partitions=2))
    with psycopg.connect(stack.postgres.url(), autocommit=True) as conn:
        conn.execute("CREATE DATABASE hub_matching_newcomer")
    settings = dict(stack.services["matching"].settings) | {
        "HUB_TOPIC_PREFIX": prefix,
        "HUB_DATABASE_URL": stack.database_url("matching") + "_newcomer",
        "HUB_DATABASE_OWNER_URL": stack.owner_url("matching") + "_newcomer",
    }
    newcomer = ServiceProcess("matching", tmp_path, settings)
    newcomer.start()
    try:
        told = await read(bootstrap, READS["matching"])
        await write(bootstrap, twice_in_disorder(told, seed=2), prefix=prefix)
        solved = await _solved(bootstrap, prefix + topics.RUNS)
    finally:
        newcomer.stop()
    assert solved.result_sha256 == played.story.run["result_sha256"]
    assert str(solved.run_id) == played.story.run["run_id"]


async def _solved(bootstrap: str, topic: str, *, timeout_s: float = 90.0) -> RunSolved:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for copy in await read(bootstrap, [topic]):
            fact = parse(topics.RUNS, copy.value or b"").data
            if isinstance(fact, RunSolved):
                return fact
        await asyncio.sleep(0.5)
    raise AssertionError("the newcomer solved nothing")
