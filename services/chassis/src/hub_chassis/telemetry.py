"""What a service tells Prometheus; every name begins with ``hub_``.

A service makes its metrics through ``Metrics``, which also enters them in ``CATALOGUE``: deploy/metrics.md is made
from it, so that a metric nobody described can't be served.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

REGISTRY: Final = CollectorRegistry()
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
FRESH_S: Final = 120.0
"""Figures that were not replaced for so long are no longer shown: nothing is better than what is not so any more."""

_UNITS: Final = ("timestamp_seconds", "seconds", "bytes", "ratio")

Kind = Literal["counter", "gauge", "histogram"]
Across = Literal["sum", "max"]


@dataclass(frozen=True, slots=True)
class Described:
    """A metric as the table shows it; ``across`` says how the values of several replicas make one."""

    of: str
    name: str
    kind: Kind
    labels: tuple[str, ...]
    across: Across
    meaning: str

    @property
    def unit(self) -> str:
        """The unit its name ends with; "" for plain counts."""
        bare = self.name.removesuffix("_total")
        return next((unit for unit in _UNITS if bare.endswith(f"_{unit}")), "")


CATALOGUE: Final[list[Described]] = []


class Figures(Collector):
    """A gauge all of whose values are replaced at once, so that what has gone from the database goes from here."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str]) -> None:
        self._name = name
        self._meaning = meaning
        self._labels = tuple(labels)
        self._values: Mapping[tuple[str, ...], float] = {}
        self._replaced_at = time.monotonic()

    def replace(self, values: Mapping[tuple[str, ...], float]) -> None:
        """Show these values and no others; keys are label values in order."""
        self._values = values
        self._replaced_at = time.monotonic()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Give Prometheus what is known, unless it is old."""
        family = GaugeMetricFamily(self._name, self._meaning, labels=self._labels)
        if time.monotonic() - self._replaced_at < FRESH_S:
            for labels, value in self._values.items():
                family.add_metric(labels, value)
        yield family


class Metrics:
    """Makes the metrics of a part, named in the catalogue as ``of``."""

    def __init__(self, of: str, *, prefix: str = "hub_") -> None:
        self._of = of
        self._prefix = prefix

    def counter(self, name: str, meaning: str, *labels: str) -> Counter:
        """Something that only grows; its name ends in ``_total`` when served."""
        self._describe(f"{name}_total", "counter", labels, "sum", meaning)
        return Counter(self._prefix + name, meaning, labels, registry=REGISTRY)

    def gauge(self, name: str, meaning: str, *labels: str, across: Across = "max") -> Gauge:
        """Something as it is now."""
        self._describe(name, "gauge", labels, across, meaning)
        return Gauge(self._prefix + name, meaning, labels, registry=REGISTRY)

    def figures(self, name: str, meaning: str, *labels: str, across: Across = "max") -> Figures:
        """Several values of something as it is now, replaced together."""
        self._describe(name, "gauge", labels, across, meaning)
        figures = Figures(self._prefix + name, meaning, labels)
        REGISTRY.register(figures)
        return figures

    def histogram(self, name: str, meaning: str, *labels: str, buckets: Sequence[float]) -> Histogram:
        """How often something was at most so much."""
        self._describe(name, "histogram", labels, "sum", meaning)
        return Histogram(self._prefix + name, meaning, labels, registry=REGISTRY, buckets=buckets)

    def _describe(self, name: str, kind: Kind, labels: tuple[str, ...], across: Across, meaning: str) -> None:
        CATALOGUE.append(Described(self._of, self._prefix + name, kind, labels, across, meaning))


# Else each counter and histogram is served with a second series that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY)  # memory, processor seconds, open files: under the names everybody knows

_made = Metrics("Every service")

BUILD_INFO: Final = _made.gauge("build_info", "1; the version that runs", "version")
PART_READY: Final = _made.figures(
    "part_ready", "1 when a part (database, relay, consumer) can do its work, 0 when not", "part", across="sum"
)
LOOP_DELAY: Final = _made.histogram(
    "event_loop_delay_seconds",
    "How late the event loop woke up a task that slept",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
HTTP_REQUESTS: Final = _made.counter(
    "http_requests", "Requests by route (as the code names it) and status", "method", "route", "status"
)
HTTP_SECONDS: Final = _made.histogram(
    "http_request_seconds",
    "Time until the answer began, by route",
    "method",
    "route",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
HTTP_IN_PROGRESS: Final = _made.gauge("http_requests_in_progress", "Requests that are being answered now", across="sum")
POOL_IN_USE: Final = _made.gauge(
    "pool_connections_in_use", "Database connections lent, of the fullest pool of a role", "role", across="max"
)
POOL_SIZE: Final = _made.gauge("pool_connections", "Database connections open, of the same", "role", across="max")
POOL_LIMIT: Final = _made.gauge(
    "pool_connections_limit", "Database connections at most, of the same", "role", across="max"
)
POOL_WAIT: Final = _made.histogram(
    "pool_wait_seconds", "Wait for a database connection", "role", buckets=(0.001, 0.01, 0.1, 0.5, 1.0, 5.0)
)
POOL_REFUSED: Final = _made.counter("pool_refused", "Times no database connection could be had in time", "role")
RECORDS: Final = _made.counter(
    "consumer_records",
    "Records by what became of them: handled, skipped, duplicate, passed, unreadable, permanent, parked",
    "outcome",
)
for _outcome in ("handled", "unreadable", "permanent", "parked"):
    RECORDS.labels(_outcome)  # a first failure must count as one more than none, not come out of nowhere
RECORD_AGE: Final = _made.histogram(
    "consumer_record_age_seconds",
    "From when Kafka took a record to when its effect was committed here",
    "topic",
    buckets=(0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 300.0, 1800.0),
)
RETRIES: Final = _made.counter("consumer_retries", "Batches tried again after a transient error")
BATCH_SECONDS: Final = _made.histogram(
    "consumer_batch_seconds", "Time to handle a batch", buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
)
LAG: Final = _made.figures(
    "consumer_lag_records", "Records not handled yet, on the partitions this process reads", "topic", across="sum"
)
DEAD_LETTERS_OPEN: Final = _made.gauge("dead_letters_open", "Dead letters that wait for a decision")
OUTBOX_UNSENT: Final = _made.gauge("outbox_unsent_rows", "Outbox rows not sent yet")
OUTBOX_AGE: Final = _made.gauge("outbox_oldest_seconds", "Age of the oldest unsent outbox row; 0 when there is none")
RELAY_LEADER: Final = _made.gauge("relay_leader", "1 when this process holds the relay's lock", across="sum")
RELAY_SENT: Final = _made.counter("relay_sent", "Outbox rows sent", "topic")
RELAY_FAILURES: Final = _made.counter(
    "relay_failures", "Times the relay had to start anew, and each 10 s that a send waits for Kafka"
)
DUE_FIRED: Final = _made.counter("due_fired", "Due rows by what became of them: fired, failed", "kind", "outcome")
DUE_LATE: Final = _made.gauge("due_oldest_seconds", "How late the oldest due row is; 0 when none is due")
WORKER_CRASHES: Final = _made.counter(
    "worker_crashes", "Times a worker ended in an error and was started again", "worker"
)
OBSERVED_AT: Final = _made.gauge(
    "observed_timestamp_seconds", "When dead letters, outbox and due rows were last counted in the database"
)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
