"""What matching counts and measures; names as operators see them."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from hub_chassis.telemetry import REGISTRY

_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


def _counter(name: str, what: str, *labels: str) -> Counter:
    return Counter(f"hub_matching_{name}", what, labels, registry=REGISTRY)


def _gauge(name: str, what: str) -> Gauge:
    return Gauge(f"hub_matching_{name}", what, registry=REGISTRY)


def _histogram(name: str, what: str, *labels: str) -> Histogram:
    return Histogram(f"hub_matching_{name}", what, labels, registry=REGISTRY, buckets=_SECONDS)


RUNS: Final = _counter("runs", "Runs by how they ended: solved, cancelled or a code of failure", "outcome")
SHARES: Final = _counter("shares", "Shares of runs that were solved")
RUN_SECONDS: Final = _histogram("run_seconds", "Seconds of a solved run by step", "step")
RUN_GAP: Final = _gauge("run_gap", "Relative distance of the latest solved run to its proven bound")
QUEUE_DEPTH: Final = _gauge("queue_depth", "Jobs that no worker holds")
RUNS_WAITING: Final = _gauge("runs_waiting", "Runs that wait for their input")
INPUTS_WAITING: Final = _gauge("inputs_waiting", "Inputs that have begun to arrive and are not held")
INPUTS_CHECKED: Final = _counter("inputs_checked", "Complete inputs: held, wrong_hash or unreadable", "outcome")
INPUT_CHECK_SECONDS: Final = _histogram("input_check_seconds", "Seconds to put an input together, hash and keep it")
CHILD_CRASHES: Final = _counter("child_crashes", "Solver processes that ended without a result")
LEASES_LOST: Final = _counter("leases_lost", "Jobs abandoned: cancelled, or held by another worker by now")
TAKEOVERS: Final = _counter("takeovers", "Jobs taken over after their lease had lapsed")
