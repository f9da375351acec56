"""The topics: one writer each. Their partitions and retention are in deploy/kafka/topics.yml."""

from typing import Final

ENTRIES: Final = "hub.entries.v1"
ROUNDS: Final = "hub.rounds.v1"
ROUND_INPUTS: Final = "hub.round-inputs.v1"
RUN_REQUESTS: Final = "hub.run-requests.v1"
RUNS: Final = "hub.runs.v1"
RUN_RESULTS: Final = "hub.run-results.v1"
OFFERS: Final = "hub.offers.v1"
NOTICES: Final = "hub.notices.v1"
DEAD_LETTERS: Final = "hub.dead-letters.v1"

ALL: Final = (ENTRIES, ROUNDS, ROUND_INPUTS, RUN_REQUESTS, RUNS, RUN_RESULTS, OFFERS, NOTICES, DEAD_LETTERS)

WRITERS: Final = {
    ENTRIES: "registry",
    ROUNDS: "registry",
    ROUND_INPUTS: "registry",
    RUN_REQUESTS: "registry",
    RUNS: "matching",
    RUN_RESULTS: "matching",
    OFFERS: "registry",
    NOTICES: "notifier",
}
"""Who may write a topic; any consumer may write DEAD_LETTERS."""
