"""How long each service takes to start, its memory and database after a round, beside bare FastAPI and the files."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hub_deploy.embedded.process import Child
from hub_deploy.stack.memory import family_mb
from hub_deploy.stack.stack import Stack
from tests.bench.figures import Figure, Yardstick
from tests.bench.load_requests import bare
from tests.support.stacks import Rows

BARE: Final = "bare FastAPI"
_SIZE: Final = """
    SELECT pg_database_size(current_database()) - coalesce(pg_total_relation_size(to_regclass('postcode')), 0)
"""


@contextmanager
def started(stack: Stack) -> Iterator[list[Figure]]:
    """Start the services of a stack one after the other; gives how long each took, from launch to ready."""
    began = time.perf_counter()
    with bare(stack):
        beside = Yardstick(BARE, time.perf_counter() - began)
    found = []
    try:
        for name, service in stack.services.items():
            began = time.perf_counter()
            service.start()
            found.append(
                Figure(f"cold start of {name}, migrations included", time.perf_counter() - began, "s", "", beside)
            )
        yield found
    finally:
        for service in stack.services.values():
            service.stop()


def memory(stack: Stack) -> list[Figure]:
    """MB of each service with its children, shared pages divided among those who share them; and of the servers."""
    with bare(stack) as (_, process):
        beside = Yardstick(BARE, _mb(process))
    figures = []
    for name, service in stack.services.items():
        assert service.child is not None
        figures.append(Figure(f"memory of {name} after a round", _mb(service.child), "MB", "", beside))
    servers = (("PostgreSQL", stack.postgres.child), ("Kafka", stack.kafka.child))
    return [*figures, *(Figure(f"memory of {name}", _mb(child), "MB") for name, child in servers)]


def database_bytes(stack: Stack) -> dict[str, int]:
    """How large each service's database is now, without the postcodes, which are there once for all rounds."""
    return {name: Rows(stack, name).one(_SIZE) for name in stack.services}


def growth(before: dict[str, int], after: dict[str, int], *, uploads: Path, students: int) -> list[Figure]:
    """kB that a round adds to each database for a student, beside those of the uploaded files.

    Args:
        before: bytes by service, before the round.
        after: and after it.
        uploads: the folder of the round's files.
        students: in the round.
    """
    files = sum(file.stat().st_size for file in uploads.rglob("*.csv") if file.name != "postcodes.csv")
    beside = Yardstick("the uploaded files", files / students / 1000)
    return [
        Figure(
            f"database of {name}: growth for a student",
            (after[name] - before[name]) / students / 1000,
            "kB",
            beside=beside,
        )
        for name in after
    ]


def _mb(child: Child) -> float:
    return family_mb([child.pid])
