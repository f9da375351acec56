"""The settings of a single small Kafka node."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners={protocol}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners={protocol}://127.0.0.1:{port}
listener.security.protocol.map={protocol}:{protocol},CONTROLLER:PLAINTEXT
inter.broker.listener.name={protocol}
log.dirs={data}
auto.create.topics.enable=false
# One node: nothing to replicate to.
default.replication.factor=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Small: few internal partitions, few threads, small buffers and files.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=2
share.coordinator.state.topic.num.partitions=2
num.network.threads=2
num.io.threads=3
background.threads=2
log.cleaner.dedupe.buffer.size=2097152
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
offsets.topic.segment.bytes=8388608
log.segment.delete.delay.ms=1000
# Quick: members of a group are not waited for; short sessions may be asked for.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# A killed broker that comes back must not wait nine seconds for its own former session to run out.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """How clients speak to the broker."""

    protocol: str = "PLAINTEXT"
    """One of Kafka's security protocols."""
    settings: str = ""
    """Further lines of server.properties that it needs."""


PLAIN: Final = Listener()


def properties(port: int, controller_port: int, data: Path, *, listener: Listener = PLAIN) -> str:
    """Return the text of server.properties for a node on 127.0.0.1."""
    own = _PROPERTIES.format(port=port, controller_port=controller_port, data=data, protocol=listener.protocol)
    return own + listener.settings
