"""The first start of an account: fetching Kafka into an empty cache, from a mirror on this machine."""

import asyncio
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hub_deploy.embedded import jars, topics

STARTER = """
import sys
from hub_deploy.embedded.kafka import Kafka
with Kafka() as broker:
    print(broker.bootstrap, flush=True)
    sys.stdin.read()
"""


class Mirror:
    """Serves the jars of the account's own cache as Maven Central would, counts requests, damages some on demand."""

    def __init__(self) -> None:
        self.files = {path.name: path for path in jars.classpath()}
        self.asked: Counter[str] = Counter()
        self.cut: set[str] = set()
        self.altered: set[str] = set()
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                if name not in mirror.files:
                    self.send_error(404)
                    return
                content = mirror.files[name].read_bytes()
                mirror.asked[name] += 1
                first = mirror.asked[name] == 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if first and name in mirror.cut:
                    content = content[: len(content) // 2]
                if first and name in mirror.altered:
                    content = bytes(len(content))
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    mirror = Mirror()
    thread = threading.Thread(target=mirror.server.serve_forever)
    thread.start()
    yield mirror
    mirror.server.shutdown()
    thread.join()
    mirror.server.server_close()


def test_cut_and_altered_downloads_are_fetched_again(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = [jar.filename for jar in jars.locked()[:3]]
    mirror.cut, mirror.altered = {first}, {second}
    monkeypatch.setenv("HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("MAVEN_CENTRAL_MIRROR", mirror.url)
    fetched = jars.classpath()
    assert [path.read_bytes() for path in fetched] == [mirror.files[path.name].read_bytes() for path in fetched]
    assert (mirror.asked[first], mirror.asked[second], mirror.asked[third]) == (2, 2, 1)


def test_jar_that_never_matches_the_lock_is_refused_by_name(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "_TRIES", 1)
    mirror.altered = {jars.locked()[0].filename}
    monkeypatch.setenv("HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("MAVEN_CENTRAL_MIRROR", mirror.url)
    with pytest.raises(jars.JarNotFetched, match="differs from the lock") as refused:
        jars.classpath()
    assert refused.value.coordinate == jars.locked()[0].coordinate
    assert not (jars.kafka_cache() / "jars" / jars.locked()[0].filename).exists()


@pytest.mark.slow
def test_two_first_starts_at_once_fetch_everything_once_and_both_serve(mirror: Mirror, tmp_path: Path) -> None:
    environment = {**os.environ, "HUB_CACHE": str(tmp_path), "MAVEN_CENTRAL_MIRROR": mirror.url}
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        for starter in starters:
            assert starter.stdout is not None
            bootstrap = starter.stdout.readline().strip()
            created = asyncio.run(topics.apply(bootstrap, topics.load(), timeout_s=30))
            assert len(created) == 9
    finally:
        for starter in starters:
            starter.communicate("", timeout=60)
    assert set(mirror.asked.values()) == {1}
    assert len(list(tmp_path.glob("kafka-*/quick-start-*/kafka.aot"))) == 1
    assert not list(tmp_path.glob("kafka-*/unfinished-*"))
