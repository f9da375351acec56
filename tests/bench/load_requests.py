"""Requests a second of one registry process, beside bare FastAPI on the same uvicorn and beside pgbench."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hub_deploy.embedded.process import Child, free_port, http_ok
from hub_deploy.stack.stack import Stack
from tests.bench import pgbench
from tests.bench.figures import Figure, Yardstick
from tests.bench.http_load import Question, asked_apart

BARE_PAGE: Final = "bare FastAPI, a page"
BARE_READ: Final = "bare FastAPI, one SELECT"
BARE_WRITE: Final = "bare FastAPI, one INSERT"
DATABASE: Final = "bare"


@contextmanager
def bare(stack: Stack) -> Iterator[tuple[str, Child]]:
    """Run bare FastAPI on the stack's PostgreSQL; gives its address and process."""
    url, port = stack.postgres.url(DATABASE), free_port()
    argv = [sys.executable, "-m", "tests.bench.bare_app", str(port), url]
    process = Child("bare", argv, log=stack.folder / "bare.log", env=dict(os.environ), cwd=Path.cwd())
    with process:
        process.wait_until(lambda: http_ok(f"http://127.0.0.1:{port}/page"))
        yield f"http://127.0.0.1:{port}", process


def measure(stack: Stack, token: str) -> list[Figure]:
    """Ask the registry and the yardsticks in turn, over 8 connections.

    Args:
        stack: running; its PostgreSQL has databases called ``bare`` and ``pgbench``.
        token: a coordinator's.
    """
    registry, mine = stack.registry.url, {"Authorization": f"Bearer {token}"}
    employer = json.dumps({"employer_ref": "load-#", "name": "Employer #", "sector": "health"})
    with bare(stack) as (address, _):
        row = json.dumps({"number": "#", "name": "Employer #"})
        asked = {
            BARE_PAGE: Question(f"{address}/page"),
            "page": Question(f"{registry}/accessibility"),
            BARE_READ: Question(f"{address}/row"),
            "read": Question(f"{registry}/api/v1/programmes", headers=mine),
            BARE_WRITE: Question(f"{address}/row", "POST", body=row),
            "write": Question(f"{registry}/api/v1/employers", "POST", mine, employer, status=201),
        }
        answers = {name: asked_apart(question).per_s for name, question in asked.items()}
    reads, writes = (pgbench.transactions_per_s(stack.postgres, only_read=only_read) for only_read in (True, False))

    def line(name: str, ours: str, yardstick: str, value: float) -> Figure:
        return Figure(name, answers[ours], "per s", beside=Yardstick(yardstick, value))

    return [
        line("requests: a page without data", "page", BARE_PAGE, answers[BARE_PAGE]),
        line("requests: the API reads", "read", BARE_READ, answers[BARE_READ]),
        line("the API reads, beside PostgreSQL alone", "read", "pgbench, one SELECT", reads),
        line("requests: the API writes, with its event and record", "write", BARE_WRITE, answers[BARE_WRITE]),
        line("the API writes, beside PostgreSQL alone", "write", "pgbench, TPC-B-like", writes),
    ]
