"""PostgreSQL and Kafka in containers, where a Docker engine answers and has the image or can pull it in time."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

_SCRIPT = "/tmp/start-broker.sh"  # noqa: S108 - inside the container
_PULL_TIMEOUT_S = 180.0
_ASK = """
import sys, docker, docker.errors
client = docker.from_env(timeout=3)
client.ping()
try:
    client.images.get(sys.argv[1])
except docker.errors.ImageNotFound:
    docker.from_env(timeout=60).images.pull(sys.argv[1])
"""


def engine_has(image: str) -> bool:
    """Say whether an engine answers within seconds and the image is there, or arrives within three minutes.

    Asked in a process of its own, which can be ended: a pull cannot be, and a dead engine must not hold up the tests.
    """
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _ASK, image], capture_output=True, timeout=_PULL_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def _prepare() -> None:
    # The reaper is one more image to pull; these containers are stopped when the session ends.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")


@contextlib.contextmanager
def postgres_container(image: str) -> Iterator[str]:
    """Run PostgreSQL; yields the superuser's URL."""
    _prepare()
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer(image, username="postgres", password="tests", dbname="postgres", driver=None)  # noqa: S106
    container.with_command(["postgres", "-c", "fsync=off", "-c", "max_connections=300"])
    with container:
        yield container.get_connection_url()


@contextlib.contextmanager
def kafka_container(image: str) -> Iterator[str]:
    """Run one KRaft broker of Apache's image (or Confluent's); yields its bootstrap address.

    The address clients use is known only once the container runs, so the broker waits for a script that names it.
    """
    _prepare()
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    }
    container = DockerContainer(image, entrypoint="").with_exposed_ports(9092)
    container.with_command(["sh", "-c", f"while [ ! -f {_SCRIPT} ]; do sleep 0.1; done; exec bash {_SCRIPT}"])
    container.with_env("CLUSTER_ID", "MkU3OEVBNTcwNTJENDM2Qk")
    for name, value in settings.items():
        container.with_env(f"KAFKA_{name}", value)
    with container:
        address = f"{container.get_container_host_ip()}:{container.get_exposed_port(9092)}"
        script = f"""
            export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://{address}
            for run in /etc/kafka/docker/run /etc/confluent/docker/run; do [ -x $run ] && exec $run; done
            echo "no start script known in this image"; exit 1
        """
        container.copy_into_container(script.encode(), _SCRIPT)
        LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(90).wait_until_ready(container)
        yield address
