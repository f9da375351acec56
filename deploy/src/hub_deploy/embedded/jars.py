"""Kafka's jars: the exact files of ``kafka-jars.lock``, fetched from Maven Central once and checked by SHA-256.

``python -m hub_deploy.embedded.jars`` resolves Kafka's dependencies afresh and rewrites the lock; a start never
resolves anything, it only fetches what the lock names. ``MAVEN_CENTRAL_MIRROR`` names another place to fetch from.
"""

import contextlib
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hub_deploy.embedded.cache import Progress, cache_dir, only_one, silent

KAFKA_VERSION: Final = "4.1.0"
LOCK: Final = Path(__file__).with_name("kafka-jars.lock")
# slf4j-simple writes to standard error, which is the broker's log file; log4j would cost a fifth of the start.
_WANTED: Final = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
_TRIES: Final = 4


class JarNotFetched(Exception):
    """A jar could not be fetched, or what came is not what the lock names."""

    def __init__(self, coordinate: str, reason: str) -> None:
        super().__init__(f"{coordinate}: {reason}")
        self.coordinate = coordinate


@dataclass(frozen=True)
class Jar:
    """One file of the lock: its Maven coordinate (group:artifact:version), size and hash."""

    coordinate: str
    size_bytes: int
    sha256: str

    @property
    def filename(self) -> str:
        """The file's name in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def locked() -> list[Jar]:
    """Read the lock, in classpath order."""
    rows = [line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    return [Jar(coordinate, int(size), sha256) for coordinate, size, sha256 in rows]


def kafka_cache() -> Path:
    """Return the folder that holds everything about this Kafka version."""
    return cache_dir() / f"kafka-{KAFKA_VERSION}"


def classpath(progress: Progress = silent) -> list[Path]:
    """Return the jars in classpath order, fetching what is missing; raises JarNotFetched.

    Safe when several processes start at once: one fetches, the others wait for it, and a file has its final name only
    when it is whole.
    """
    folder = kafka_cache() / "jars"
    wanted = locked()
    if any(not _whole(folder, jar) for jar in wanted):
        with only_one(kafka_cache() / "jars.lock", progress):
            _fetch_all([jar for jar in wanted if not _whole(folder, jar)], folder, progress)
    return [folder / jar.filename for jar in wanted]


def _whole(folder: Path, jar: Jar) -> bool:
    with contextlib.suppress(OSError):
        return (folder / jar.filename).stat().st_size == jar.size_bytes
    return False


def _fetch_all(missing: Sequence[Jar], folder: Path, progress: Progress) -> None:
    if not missing:
        return
    folder.mkdir(parents=True, exist_ok=True)
    total, done, counting, told_at = sum(jar.size_bytes for jar in missing), 0, threading.Lock(), time.monotonic()
    progress(f"fetching Kafka {KAFKA_VERSION}: {len(missing)} files, {total / 1e6:.0f} MB")

    def fetch(jar: Jar) -> None:
        nonlocal done, told_at
        _fetch(jar, folder)
        with counting:
            done += jar.size_bytes
            if time.monotonic() - told_at > 1 or done == total:
                progress(f"fetching Kafka {KAFKA_VERSION}: {done / 1e6:.0f} of {total / 1e6:.0f} MB")
                told_at = time.monotonic()

    pool = ThreadPoolExecutor(4, thread_name_prefix="jars")
    try:
        for finished in [pool.submit(fetch, jar) for jar in missing]:
            finished.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _fetch(jar: Jar, folder: Path) -> None:
    reason = ""
    for attempt in range(_TRIES):
        scratch = folder / f".fetching-{os.getpid()}-{jar.filename}"
        try:
            got = _maven(scratch).create_dependency(jar.coordinate).artifact.resolve()
            if hashlib.sha256(got.read_bytes()).hexdigest() == jar.sha256:
                got.replace(folder / jar.filename)
                return
            reason = "the file differs from the lock"
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo raises RuntimeError for a 404
            reason = str(error)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        time.sleep(0.5 * 2**attempt)
    raise JarNotFetched(jar.coordinate, reason)


def _maven(repository: Path) -> Any:
    from jgo.maven import MavenContext  # half a second to import, and needed once per machine

    mirror = os.environ.get("MAVEN_CENTRAL_MIRROR")
    return MavenContext(
        repo_cache=repository, remote_repos={"central": mirror.rstrip("/")} if mirror else None, timeout=30
    )


def relock(scratch: Path) -> list[Jar]:
    """Resolve Kafka's run-time dependencies and return them as rows for the lock."""
    maven = _maven(scratch)
    inputs, transitive = maven.resolver.resolve([maven.create_dependency(wanted) for wanted in _WANTED])
    jars = []
    for dependency in (*inputs, *transitive):
        content = dependency.artifact.resolve().read_bytes()
        coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
        jars.append(Jar(coordinate, len(content), hashlib.sha256(content).hexdigest()))
    return jars


def main() -> None:
    """Rewrite the lock."""
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        jars = relock(Path(scratch))
    rows = "".join(f"{jar.coordinate} {jar.size_bytes} {jar.sha256}\n" for jar in jars)
    LOCK.write_text(f"# Kafka {KAFKA_VERSION}'s jars in classpath order: coordinate, bytes, SHA-256\n{rows}")


if __name__ == "__main__":
    main()
