"""Ends a consumer that makes no progress for a minute although there is lag: a restart mends what waiting does not.

It asks the broker every few seconds, so it is also the one that notices that Kafka is away while nothing is to be done.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from hub_chassis import telemetry
from hub_chassis.errors import Stuck
from hub_chassis.waiting import pause

log = structlog.get_logger(__name__)

CHECK_S = 5.0
ANSWER_S = 10.0
SILENT_AFTER = 2
"""Questions without an answer; with CHECK_S and ANSWER_S about half a minute, which a broker's restart may take."""


class Watchdog:
    """Watches one consumer through the broker's eyes: what is committed, what lies behind it.

    Args:
        topics: with prefix.
        longest_s: without progress while there is lag.
        prefix_length: characters of the topic prefix, left out of the metric's label.
    """

    def __init__(self, *, topics: list[str], longest_s: float, prefix_length: int = 0) -> None:
        self._topics = topics
        self._longest_s = longest_s
        self._prefix_length = prefix_length
        self._committed = -1
        self._unanswered = 0
        self.moved_at = time.monotonic()

    @property
    def silent(self) -> bool:
        """Whether Kafka left the latest questions unanswered."""
        return self._unanswered >= SILENT_AFTER

    def connected(self) -> None:
        """A new session has begun, so Kafka answers."""
        self._unanswered = 0
        self.moved()

    def moved(self) -> None:
        """Something was handled, or is known to fail for a reason that a restart would not mend."""
        self.moved_at = time.monotonic()

    async def run(self, consumer: Callable[[], AIOKafkaConsumer | None], stop: asyncio.Event) -> None:
        """Watch until ``stop`` is set; raises Stuck. While the broker does not answer nothing is held against us."""
        check_s = min(CHECK_S, self._longest_s / 4)
        while not await pause(stop, check_s):
            current = consumer()
            try:
                async with asyncio.timeout(ANSWER_S):
                    lag = await self._lag(current) if current is not None else 0
            except (KafkaError, TimeoutError, OSError, AssertionError) as error:
                self._not_answered(error)
                lag = 0
            else:
                self._answered()
            if lag == 0:
                self.moved()
            elif time.monotonic() - self.moved_at > self._longest_s:
                raise Stuck(f"{lag} records wait and none was handled for {self._longest_s:.0f} s")

    def _not_answered(self, error: Exception) -> None:
        self._unanswered += 1
        if self._unanswered == SILENT_AFTER:
            log.warning("Kafka does not answer the consumer", error=repr(error))

    def _answered(self) -> None:
        if self.silent:
            log.info("Kafka answers the consumer again")
        self._unanswered = 0

    async def _lag(self, consumer: AIOKafkaConsumer) -> int:
        partitions = sorted(consumer.assignment()) or [
            TopicPartition(topic, partition)
            for topic in self._topics
            for partition in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        if not partitions:
            return 0
        ends = await consumer.end_offsets(partitions)
        begins = await consumer.beginning_offsets(partitions)
        by_topic: dict[str, int] = defaultdict(int)
        total = 0
        for partition in partitions:
            committed = await consumer.committed(partition)
            reached = max(begins[partition], committed or 0)
            total += reached
            by_topic[partition.topic] += max(0, ends[partition] - reached)
        if total != self._committed:
            self._committed = total
            self.moved()
        # Without partitions of its own a process would count what others read: then it shows nothing.
        own = by_topic if consumer.assignment() else {}
        telemetry.LAG.replace({(topic[self._prefix_length :],): lag for topic, lag in own.items()})
        return sum(by_topic.values())
