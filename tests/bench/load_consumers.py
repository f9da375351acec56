"""Events a second of 1, 2 and 4 consumers of one group, each a process, beside as many bare aiokafka consumers.

``python -m tests.bench.load_consumers``. They share a topic of 12 partitions. All have joined their group; then they
are stopped where they are, the topic is filled, and the clock runs from when they go on until they are through.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import asyncpg
from rich.console import Console

from hub_chassis.migrations import upgrade
from hub_deploy.embedded import topics as embedded_topics
from hub_deploy.embedded.kafka import Kafka
from hub_deploy.embedded.postgres import Postgres
from hub_schemas import topics
from tests.bench import consuming
from tests.bench.chassis_events import EVENTS, PACKAGE, fill, make
from tests.bench.consuming import Where
from tests.bench.figures import Figure, Yardstick, show
from tests.bench.lag import Lag
from tests.support.databases import Databases, FreshDatabase
from tests.support.servers import PostgresServer

MANY: Final = (1, 2, 4)
PARTITIONS: Final = 12
LONGEST_S: Final = 300.0


def measure(events: int = EVENTS, *, many: Sequence[int] = MANY) -> list[Figure]:
    """Measure on servers of its own, durable settings on."""
    with Postgres(durable=True) as postgres, Kafka() as broker:
        return asyncio.run(_measure(events, many, postgres, broker))


async def _measure(events: int, many: Sequence[int], postgres: Postgres, broker: Kafka) -> list[Figure]:
    database = await Databases(PostgresServer(postgres.url(), "bench")).make()
    await asyncio.to_thread(upgrade, database.owner_url, package=PACKAGE)
    made = make(events)
    found = []
    for number in many:
        bare_s = await _drain("bare", number, made, database, broker)
        ours_s = await _drain("ours", number, made, database, broker)
        each = f"{number} consumer{'s' if number > 1 else ''}"
        bare = Yardstick(f"{number} bare aiokafka", events / bare_s)
        found.append(Figure(f"events through {each}: inbox, effect, outbox", events / ours_s, "per s", beside=bare))
    return found


async def _drain(
    kind: consuming.Kind, many: int, made: list[tuple[str, bytes]], database: FreshDatabase, broker: Kafka
) -> float:
    """Seconds until a group that has all its members has committed every event."""
    prefix = f"bench.{kind}.{many}."
    (topic,) = (each for each in embedded_topics.load() if each.name == topics.ENTRIES)
    await embedded_topics.apply(broker.bootstrap, embedded_topics.prefixed([topic], prefix, partitions=PARTITIONS))
    where = Where("group", database.url, broker.bootstrap, prefix)
    conn = await asyncpg.connect(database.owner_url)
    await conn.execute("TRUNCATE inbox, passed_seq, note, outbox")
    async with (
        Lag(broker.bootstrap, group=prefix + where.group, topics=[prefix + topics.ENTRIES]) as lag,
        asyncio.timeout(LONGEST_S),
    ):
        with consuming.consumers(kind, where, many=many) as processes:
            await lag.is_whole(many)
            with consuming.standing_still(processes):
                await fill(broker.bootstrap, made, prefix=prefix)
            began = time.perf_counter()
            await lag.reaches(len(made))
            took_s = time.perf_counter() - began
    if kind == "ours" and (noted := await conn.fetchval("SELECT count(*) FROM note")) != len(made):
        raise AssertionError(f"{noted} of {len(made)} events had their effect")
    await conn.close()
    return took_s


if __name__ == "__main__":
    show(Console(width=140), "consumers", measure())
