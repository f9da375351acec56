"""Asks one address again and again over connections that stay open, and counts: a client that costs little itself.

Runs as a process of its own (``python -m tests.bench.http_load``): on a busy machine what asks must not wait for what
measures. HTTP/1.1 by hand, because a full client takes longer to ask than a bare server to answer.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import quantiles
from urllib.parse import urlsplit

CONNECTIONS = 8
SECONDS = 5.0
WARM_UP_S = 1.0


@dataclass(frozen=True)
class Question:
    """A request; ``#`` in the body becomes a number that differs each time."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200

    def raw(self, number: int) -> bytes:
        """The request's bytes."""
        parts = urlsplit(self.url)
        body = self.body.replace("#", str(number)).encode()
        more = {"Host": parts.netloc, "Content-Length": str(len(body)), **self.headers}
        if body:
            more["Content-Type"] = "application/json"
        lines = [f"{self.method} {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in more.items())]
        return ("\r\n".join([*lines, "", ""])).encode() + body


@dataclass(frozen=True)
class Answers:
    """What came of it: answers a second, and milliseconds of one."""

    per_s: float
    median_ms: float
    p95_ms: float


class NotAnswered(Exception):
    """An answer had another status than was wanted: what was measured would be something else."""


async def ask(question: Question, *, seconds: float = SECONDS) -> Answers:
    """Ask over all connections at once, warmed up first; raises NotAnswered."""
    began = time.perf_counter()
    counts_from, ends = began + WARM_UP_S, began + WARM_UP_S + seconds
    took: list[float] = []
    await asyncio.gather(*(_connection(question, number, took, counts_from, ends) for number in range(CONNECTIONS)))
    cuts = quantiles(took, n=20)
    return Answers(len(took) / seconds, 1000 * cuts[9], 1000 * cuts[-1])


async def _connection(question: Question, place: int, took: list[float], counts_from: float, ends: float) -> None:
    parts = urlsplit(question.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    number = time.time_ns() // 1_000_000 * CONNECTIONS + place
    while (asked := time.perf_counter()) < ends:
        number += CONNECTIONS
        writer.write(question.raw(number))
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length))
        if int(head[9:12]) != question.status:
            raise NotAnswered(f"{question.method} {question.url}: {head[:200]!r} {body[:300]!r}")
        if counts_from <= asked and (answered := time.perf_counter()) < ends:
            took.append(answered - asked)
    writer.close()


def asked_apart(question: Question, *, seconds: float = SECONDS) -> Answers:
    """Ask from a process of its own; raises CalledProcessError when an answer was not what was wanted."""
    argv = [sys.executable, "-m", "tests.bench.http_load", json.dumps({**asdict(question), "seconds": seconds})]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=seconds + 60)
    return Answers(**json.loads(done.stdout))


def main() -> None:
    """Ask as the first argument says and print the answers as JSON."""
    wanted = json.loads(sys.argv[1])
    seconds = float(wanted.pop("seconds"))
    print(json.dumps(asdict(asyncio.run(ask(Question(**wanted), seconds=seconds)))))


if __name__ == "__main__":
    main()
