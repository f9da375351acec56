"""What matching counts and measures; names as operators see them."""

from typing import Final

from hub_chassis.telemetry import Metrics
from hub_matching.runs.model import FailureCode

_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)

_made: Final = Metrics("Matching", prefix="hub_matching_")

RUNS: Final = _made.counter("runs", "Runs by how they ended: solved, cancelled or a code of failure", "outcome")
for _outcome in ("solved", "cancelled", *FailureCode):
    RUNS.labels(outcome=_outcome)  # a first failure must count as one more than none, not come out of nowhere
RUN_TURNAROUND: Final = _made.histogram(
    "run_turnaround_seconds", "From a run's request to its result, waiting and queueing included", buckets=_SECONDS
)
RUN_SECONDS: Final = _made.histogram("run_seconds", "Seconds of a solved run by step", "step", buckets=_SECONDS)
RUN_GAP: Final = _made.gauge(
    "run_gap_ratio", "Relative distance of the latest run solved here to its proven bound; 0 is optimal"
)
RUN_MEMORY: Final = _made.gauge("run_peak_memory_bytes", "Most memory that the latest run solved here took")
SHARES: Final = _made.counter("shares", "Shares of runs that were solved")
QUEUE_DEPTH: Final = _made.gauge("queue_depth", "Jobs that no worker holds")
QUEUE_OLDEST: Final = _made.gauge("queue_oldest_seconds", "How long the first of them has waited")
SOLVERS_BUSY: Final = _made.gauge("solvers_busy", "Workers that hold a job", across="sum")
SOLVERS: Final = _made.gauge("solvers", "Workers there are", across="sum")
RUNS_WAITING: Final = _made.figures(
    "runs_waiting",
    "Runs that wait for their input, by what is missing: closing (not announced yet), chunks, checking (all is here), "
    "wrong (what came is not what was announced)",
    "missing",
)
RUNS_WAITING_OLDEST: Final = _made.gauge("runs_waiting_oldest_seconds", "How long the first of them has waited")
INPUTS_WAITING: Final = _made.gauge("inputs_waiting", "Inputs that have begun to arrive and are not held")
INPUTS_CHECKED: Final = _made.counter("inputs_checked", "Complete inputs: held, wrong_hash or unreadable", "outcome")
INPUT_CHECK_SECONDS: Final = _made.histogram(
    "input_check_seconds", "Seconds to put an input together, hash and keep it", buckets=_SECONDS
)
CHILD_CRASHES: Final = _made.counter("child_crashes", "Solver processes that ended without a result")
LEASES_LOST: Final = _made.counter("leases_lost", "Jobs abandoned: cancelled, or held by another worker by now")
TAKEOVERS: Final = _made.counter("takeovers", "Jobs taken over after their lease had lapsed")
