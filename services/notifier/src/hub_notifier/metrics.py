"""What the notifier tells Prometheus."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from hub_chassis.telemetry import REGISTRY

NOTICES: Final = Counter(
    "hub_notices",
    "Tries by how they ended: sent, put_off, failed, uncertain, superseded, held, claim_lost",
    ["outcome", "kind"],
    registry=REGISTRY,
)
WAITING: Final = Gauge("hub_notices_waiting", "Notices not on their way yet", registry=REGISTRY)
HELD: Final = Gauge("hub_notices_held", "Those of hubs that hold their notices", registry=REGISTRY)
OLDEST: Final = Gauge("hub_notices_oldest_waiting_seconds", "Age of the oldest waiting notice", registry=REGISTRY)
SEND_SECONDS: Final = Histogram(
    "hub_notice_send_seconds", "From taking a notice up to writing what became of it", ["outcome"], registry=REGISTRY
)
PUBLICATIONS: Final = Counter(
    "hub_notice_publications", "Publications by what their recipients' list led to", ["outcome"], registry=REGISTRY
)
AWAY: Final = Counter("hub_notices_away", "Times the registry or the mail server was away", ["what"], registry=REGISTRY)
