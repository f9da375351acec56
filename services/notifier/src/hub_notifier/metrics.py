"""What the notifier tells Prometheus."""

from typing import Final

from hub_chassis.telemetry import Metrics

_made: Final = Metrics("Notifier")

NOTICES: Final = _made.counter(
    "notices",
    "Tries by how they ended: sent, put_off, failed, uncertain, superseded, held, claim_lost",
    "outcome",
    "kind",
)
WAITING: Final = _made.gauge("notices_waiting", "Notices not on their way yet")
HELD: Final = _made.gauge("notices_held", "Those of hubs that hold their notices")
OLDEST: Final = _made.gauge("notices_oldest_waiting_seconds", "Age of the oldest waiting notice that no hub holds")
UNCERTAIN: Final = _made.gauge("notices_uncertain", "Notices that may have arrived or not: a person decides")
DELIVERY_SECONDS: Final = _made.histogram(
    "notice_delivery_seconds",
    "From a publication (or request to remind) to the mail server's yes",
    "kind",
    buckets=(1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0),
)
SEND_SECONDS: Final = _made.histogram(
    "notice_send_seconds",
    "From taking a notice up to writing what became of it",
    "outcome",
    buckets=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 60.0),
)
PUBLICATIONS: Final = _made.counter(
    "notice_publications", "Publications by what their recipients' list led to: expanded, superseded", "outcome"
)
AWAY: Final = _made.counter("notices_away", "Times the registry or the mail server was away", "what")

# A first failure must count as one more than none, not come out of nowhere.
for _kind in ("adviser", "employer", "person"):
    DELIVERY_SECONDS.labels(_kind)
    for _outcome in ("sent", "put_off", "failed", "uncertain"):
        NOTICES.labels(_outcome, _kind)
