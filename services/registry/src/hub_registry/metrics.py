"""Counts of what became of rounds, runs and results, for operators."""

from typing import Final

from prometheus_client import Counter, Histogram

ROUNDS: Final = Counter("hub_registry_rounds_total", "Rounds that reached a state", ["state"])
RUNS: Final = Counter("hub_registry_runs_total", "Runs that reached a state", ["state"])
RESULTS: Final = Counter(
    "hub_registry_results_total", "Results that were complete, by what became of them", ["outcome"]
)
PUBLICATIONS: Final = Counter("hub_registry_publications_total", "Publications asked for, by their end", ["outcome"])
FREEZE_SECONDS: Final = Histogram(
    "hub_registry_freeze_seconds", "Time to write a round's input down", buckets=(0.1, 0.3, 1, 2, 4, 8, 16, 32)
)
VERIFY_SECONDS: Final = Histogram(
    "hub_registry_verify_seconds", "Time to verify a result before publication", buckets=(0.1, 0.3, 1, 2, 4, 8, 16, 32)
)
UPLOADS: Final = Counter(
    "hub_registry_uploads_total", "Files sent by page, by kind and state reached", ["kind", "state"]
)
SIGN_INS: Final = Counter("hub_registry_sign_ins_total", "Tries to sign in, by way and end", ["how", "outcome"])
INVITATIONS: Final = Counter("hub_registry_invitations_total", "Invitations by what became of them", ["outcome"])
CALENDARS: Final = Counter("hub_registry_calendars_total", "What was done at addresses of calendars", ["outcome"])
APPLICATIONS: Final = Counter("hub_registry_applications_total", "Employers that register themselves", ["outcome"])
