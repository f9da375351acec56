"""One consumer as a process of its own, for benches: the chassis', or a bare aiokafka one.

``python -m tests.bench.consuming bare|ours GROUP DATABASE_URL BOOTSTRAP PREFIX``: consumes until its input ends.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from aiokafka import AIOKafkaConsumer

from hub_chassis.consumer import Consumer
from hub_chassis.database import Database
from hub_chassis.migrations import role_name
from hub_chassis.settings import Settings
from hub_schemas import topics
from tests.bench.chassis_events import PACKAGE, together

Kind = Literal["bare", "ours"]


@dataclass(frozen=True)
class Where:
    """What a consumer needs to know; ``prefix`` stands before its topics and its group."""

    group: str
    database_url: str
    bootstrap: str
    prefix: str


@contextlib.contextmanager
def consumers(kind: Kind, where: Where, *, many: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run so many consumers of one group until the block ends; their processes."""
    argv = [sys.executable, "-m", "tests.bench.consuming", kind]
    argv += [where.group, where.database_url, where.bootstrap, where.prefix]
    processes = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(many)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.communicate()


@contextlib.contextmanager
def standing_still(processes: Iterable["subprocess.Popen[bytes]"]) -> Iterator[None]:
    """Stop them where they are until the block ends: they stay members of their group for some seconds."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


async def _ours(where: Where, stop: asyncio.Event) -> None:
    settings = Settings(
        service="ledger",
        database_url=where.database_url,
        kafka_bootstrap=where.bootstrap,
        topic_prefix=where.prefix,
        demo=True,
    )
    async with Database.open(settings, role=role_name(PACKAGE, "worker")) as db:
        await Consumer(settings, db=db, handlers=together(where.group)).run(stop)


async def _bare(where: Where, stop: asyncio.Event) -> None:
    consumer = AIOKafkaConsumer(
        where.prefix + topics.ENTRIES,
        bootstrap_servers=where.bootstrap,
        group_id=where.prefix + where.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        while not stop.is_set():
            if await consumer.getmany(timeout_ms=200, max_records=500):
                await consumer.commit()
    finally:
        await consumer.stop()


async def _consume(kind: Kind, where: Where) -> None:
    stop = asyncio.Event()
    work = asyncio.create_task(_ours(where, stop) if kind == "ours" else _bare(where, stop))
    await asyncio.to_thread(sys.stdin.buffer.read)
    stop.set()
    await work


def main() -> None:
    """Consume until the input ends."""
    kind, where = sys.argv[1], Where(*sys.argv[2:])
    asyncio.run(_consume("ours" if kind == "ours" else "bare", where))


if __name__ == "__main__":
    main()
