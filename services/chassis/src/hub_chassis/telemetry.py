"""What a service tells Prometheus; every name begins with ``hub_``."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY: Final = CollectorRegistry()
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

RECORDS: Final = Counter(
    "hub_consumer_records",
    "Records by what became of them: handled, skipped, duplicate, passed, unreadable, permanent, parked",
    ["outcome"],
    registry=REGISTRY,
)
RETRIES: Final = Counter("hub_consumer_retries", "Batches tried again after a transient error", registry=REGISTRY)
BATCH_SECONDS: Final = Histogram("hub_consumer_batch_seconds", "Time to handle a batch", registry=REGISTRY)
LAG: Final = Gauge("hub_consumer_lag_records", "Records not handled yet", ["topic"], registry=REGISTRY)
DEAD_LETTERS_OPEN: Final = Gauge("hub_dead_letters_open", "Dead letters that wait for a decision", registry=REGISTRY)
OUTBOX_UNSENT: Final = Gauge("hub_outbox_unsent_rows", "Outbox rows not sent yet", registry=REGISTRY)
OUTBOX_AGE: Final = Gauge("hub_outbox_oldest_seconds", "Age of the oldest unsent outbox row", registry=REGISTRY)
RELAY_LEADER: Final = Gauge("hub_relay_leader", "1 when this process holds the relay's lock", registry=REGISTRY)
RELAY_SENT: Final = Counter("hub_relay_sent", "Outbox rows sent", ["topic"], registry=REGISTRY)
RELAY_FAILURES: Final = Counter("hub_relay_failures", "Times the relay had to start anew", registry=REGISTRY)
DUE_FIRED: Final = Counter("hub_due_fired", "Due rows by what became of them", ["kind", "outcome"], registry=REGISTRY)
DUE_LATE: Final = Gauge("hub_due_oldest_seconds", "How late the oldest due row is", registry=REGISTRY)
POOL_IN_USE: Final = Gauge("hub_pool_connections_in_use", "Database connections lent", ["role"], registry=REGISTRY)
POOL_SIZE: Final = Gauge("hub_pool_connections", "Database connections open", ["role"], registry=REGISTRY)
HTTP_REQUESTS: Final = Counter(
    "hub_http_requests", "Requests by route and status", ["method", "route", "status"], registry=REGISTRY
)
HTTP_SECONDS: Final = Histogram(
    "hub_http_request_seconds", "Time to answer, by route", ["method", "route"], registry=REGISTRY
)
WORKER_CRASHES: Final = Counter("hub_worker_crashes", "Times a worker ended in an error", ["worker"], registry=REGISTRY)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
