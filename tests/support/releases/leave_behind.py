"""Played by a release's own environment: rounds in every state, the product stopped as by a crash, all of it kept.

``record.py`` starts this with the Python, the packages and the working folder of the release's commit, so it uses only
what that commit has. Each round is in a hub of its own: open, closed, being solved, waiting for the second approval,
published with its mails sent, published with its mails still to send, and closed while Kafka was away.
"""

import asyncio
import base64
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from hub_deploy.demo.client import Client
from hub_deploy.demo.people import found_hub, here
from hub_deploy.demo.screen import Screen
from hub_deploy.demo.story import Story
from hub_deploy.embedded import pg_binaries
from hub_deploy.sample import Sample, Scale, generate, uploads
from hub_deploy.sample.model import Preference
from hub_deploy.stack.databases import SERVICES, database_name
from hub_deploy.stack.stack import Stack, running
from hub_schemas import topics

SCHOOLS, STUDENTS, SLOTS = 2, 8, 10
SECRETS = frozenset({"token", "idempotency_key"})
"""Tables whose rows are not kept: nobody needs the old tokens, new ones are made by command."""


def small(sample: Sample) -> Sample:
    """Two schools, the slots that most of their students want, one seat each, and some who want several of them."""
    urns = [school.urn for school in sample.schools[:SCHOOLS]]
    lines = [line for line in sample.preferences if line.urn in urns]
    wanted = {ref for ref, _ in Counter(line.slot_ref for line in lines).most_common(SLOTS)}
    lines = [line for line in lines if line.slot_ref in wanted]
    several = {who for who, ranked in Counter((line.urn, line.mis_id) for line in lines).items() if ranked >= 2}
    students = [
        student
        for urn in urns
        for student in [s for s in sample.students if s.urn == urn and (urn, s.mis_id) in several][:STUDENTS]
    ]
    known = {(student.urn, student.mis_id) for student in students}
    slots = tuple(replace(slot, capacity=1, reserved=0) for slot in sample.slots if slot.slot_ref in wanted)
    hosts = {slot.employer_ref for slot in slots}
    employers = tuple(employer for employer in sample.employers if employer.employer_ref in hosts)
    schools = tuple(school for school in sample.schools if school.urn in urns)
    places = {slot.postcode for slot in slots} | {employer.postcode for employer in employers}
    places |= {school.postcode for school in schools} | {student.home_postcode for student in students}
    return replace(
        sample, schools=schools, students=tuple(students), employers=employers, slots=slots,
        preferences=tuple(line for line in _ranked_anew(lines) if (line.urn, line.mis_id) in known),
        coordinates={postcode: at for postcode, at in sample.coordinates.items() if postcode in places},
    )  # fmt: skip


def _ranked_anew(lines: list[Preference]) -> list[Preference]:
    """Ranks 1, 2, 3 … for each student, in the order they had."""
    by_rank = sorted(lines, key=lambda line: (line.urn, line.mis_id, line.rank))
    groups = groupby(by_rank, key=lambda line: (line.urn, line.mis_id))
    return [replace(line, rank=rank) for _, own in groups for rank, line in enumerate(own, start=1)]


def until(reached: Callable[[], object], *, what: str, timeout_s: float = 90.0) -> None:
    """Wait for something of the stack to be so."""
    deadline = time.monotonic() + timeout_s
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


class Rounds:
    """Plays rounds on a stack, each in its own hub, up to where it is told."""

    def __init__(self, stack: Stack, files: Path) -> None:
        self.stack, self.files = stack, files
        self.left: dict[str, dict[str, Any]] = {}

    def story(self, name: str, *, steps: int) -> tuple[Story, Client]:
        """A round after its first steps: 1 open, 2 submitted, 3 closed, 4 solved, 5 approved twice, 6 published."""
        registry = self.stack.registry
        people = found_hub(here(registry.settings), registry.url, name=f"Hub {name}", slug=name)
        story = Story(registry.url, Screen(Console(quiet=True)), people, Scale.PILOT, patience_s=90)
        hub = Client(registry.url, people.first)
        hub.__enter__()
        each: list[Callable[[], None]] = [
            lambda: story.enter(hub, self.files), lambda: story.submit(hub, self.files), lambda: story.close(hub),
            lambda: story.solve(hub), lambda: story.approve(hub), lambda: story.publish(hub),
        ]  # fmt: skip
        for step in each[:steps]:
            step()
        self.left[name] = {"round_id": story.round_id, "run_id": story.run.get("run_id", "")}
        return story, hub

    def ask(self, service: str, query: str) -> Any:
        """The first column of the first row, as the database's owner."""
        with psycopg.connect(self.stack.owner_url(service)) as conn:
            row = conn.execute(query.encode()).fetchone()
        return row[0] if row else None

    def play(self) -> None:
        """Leave every round where it should be, the services dead and Kafka running."""
        self.story("open", steps=2)
        self.story("told", steps=6)
        half, hub = self.story("half-approved", steps=4)
        hub.post(f"/runs/{half.run['run_id']}/approvals", {"comment": "Checked school by school"})
        self._solving()
        self._closed()
        self._telling()
        self._unsent()

    def _solving(self) -> None:
        """Matching dies while it writes a result: the job's lease, its fence and the run's state stay."""
        _, hub = self.story("solving", steps=3)
        with psycopg.connect(self.stack.owner_url("matching")) as conn:
            conn.execute("LOCK TABLE run_result IN ACCESS EXCLUSIVE MODE")
            self.left["solving"]["run_id"] = hub.post(f"/rounds/{self.left['solving']['round_id']}/runs")["run_id"]
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            until(lambda: self.ask("matching", waiting), what="the solver to write its result")
            self.stack.services["matching"].kill()
            conn.rollback()
        until(lambda: self.ask("registry", _UNSENT) == 0, what="the registry's outbox")

    def _closed(self) -> None:
        """Closed, with a run asked for, and matching not there to read either."""
        story, hub = self.story("closed", steps=2)
        hub.post(f"/rounds/{story.round_id}/close")
        self.left["closed"]["run_id"] = hub.post(f"/rounds/{story.round_id}/runs")["run_id"]
        until(lambda: self.ask("registry", _UNSENT) == 0, what="the registry's outbox")

    def _telling(self) -> None:
        """Published while the mail server is away: every notice waits."""
        matching = self.stack.services["matching"]
        matching.start()
        story, hub = self.story("telling", steps=5)
        self.stack.mails.stop()
        hub.post(f"/runs/{story.run['run_id']}/publication")
        expected = hub.get("/notices", limit=1)["counts"]["expected"]
        until(lambda: self.ask("notifier", _WAITING) == expected, what="the notices to wait")
        self.stack.services["notifier"].kill()

    def _unsent(self) -> None:
        """Closed while Kafka is away: the frozen input stands in the outbox. Then the registry dies, too."""
        story, hub = self.story("unsent", steps=2)
        until(lambda: self.ask("registry", _UNSENT) == 0, what="the registry's outbox")
        self.stack.kafka.kill()
        hub.post(f"/rounds/{story.round_id}/close")
        for name in ("registry", "matching"):
            self.stack.services[name].kill()
        self.stack.kafka.start()


_WAITING = "SELECT count(*) FROM notice WHERE state <> 'sent' HAVING bool_and(state = 'waiting')"
_UNSENT = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"


def dump(stack: Stack, out: Path) -> None:
    """Write each service's database as SQL, and what its group roles are."""
    binaries = pg_binaries.wheel_folder() / pg_binaries.PACKAGE / pg_binaries.INSTALL / "bin"
    for service in SERVICES:
        without = [f"--exclude-table-data={table}" for table in sorted(SECRETS)]
        url = stack.postgres.url(database_name(service))
        argv = [str(binaries / "pg_dump"), "--no-owner", "--restrict-key=release", *without, url]
        done = subprocess.run(argv, check=True, capture_output=True)
        (out / f"{service}.sql").write_bytes(done.stdout)


async def topics_of(bootstrap: str) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    """Every record of every topic, and how far each service has read."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await admin.start()
    await consumer.start()
    try:
        found = await admin.describe_topics(list(topics.ALL))
        parts = [TopicPartition(topic["topic"], part["partition"]) for topic in found for part in topic["partitions"]]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        ends = await consumer.end_offsets(parts)
        records: list[dict[str, Any]] = []
        while any([await consumer.position(part) < ends[part] for part in parts]):
            for part, batch in (await consumer.getmany(timeout_ms=500)).items():
                records += [_record(part, one) for one in batch]
        read = {service: await admin.list_consumer_group_offsets(service) for service in SERVICES}
    finally:
        await consumer.stop()
        await admin.close()
    records.sort(key=lambda record: (record["topic"], record["partition"], record["offset"]))
    offsets = {
        service: {f"{part.topic}/{part.partition}": at.offset for part, at in sorted(done.items()) if at.offset > 0}
        for service, done in read.items()
    }
    return records, offsets


def _record(part: TopicPartition, record: Any) -> dict[str, Any]:
    return {
        "topic": part.topic,
        "partition": part.partition,
        "offset": record.offset,
        "key": record.key.decode(),
        "headers": {name: base64.b64encode(value).decode() for name, value in record.headers},
        "value": record.value.decode(),
    }


def main() -> None:
    """``leave_behind.py OUT``: writes three databases, the records of all topics and what stands where."""
    out = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as work, running(Path(work) / "stack", durable=False) as stack:
        Path(work).chmod(0o755)
        files = Path(work) / "uploads"
        uploads.write(small(generate(Scale.PILOT)), files)
        rounds = Rounds(stack, files)
        rounds.play()
        dump(stack, out)
        records, offsets = asyncio.run(topics_of(stack.kafka.bootstrap))
        lines = [json.dumps(record, ensure_ascii=False, sort_keys=True) for record in records]
        (out / "topics.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        left = {
            "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rounds": rounds.left,
            "read_up_to": offsets,
            "mails": stack.mails.count(),
        }
        (out / "left.json").write_text(json.dumps(left, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
