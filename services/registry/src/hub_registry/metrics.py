"""What the registry tells Prometheus: what became of rounds, runs and results, and where each round stands now.

Of people there are counts alone. ``hub`` is a hub's short name, ``round`` a round's name with the end of its id.
"""

from typing import Final

from hub_chassis.telemetry import Metrics

_SECONDS: Final = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)

_made: Final = Metrics("Registry", prefix="hub_registry_")

ROUNDS: Final = _made.counter("rounds", "Rounds that reached a state", "state")
RUNS: Final = _made.counter("runs", "Runs that reached a state", "state")
RESULTS: Final = _made.counter("results", "Results that were complete: taken, or a code of refusal", "outcome")
PUBLICATIONS: Final = _made.counter("publications", "Publications asked for, by their end", "outcome")
FREEZE_SECONDS: Final = _made.histogram("freeze_seconds", "Time to write a round's input down", buckets=_SECONDS)
VERIFY_SECONDS: Final = _made.histogram(
    "verify_seconds", "Time to verify a result before publication", buckets=_SECONDS
)
SIGN_INS: Final = _made.counter("sign_ins", "Tries to sign in, by way and end", "how", "outcome")
INVITATIONS: Final = _made.counter("invitations", "Invitations by what became of them", "outcome")
UPLOADS: Final = _made.counter("uploads", "Files sent by page, by kind and state reached", "kind", "state")
CALENDARS: Final = _made.counter("calendars", "What was done at addresses of calendars", "outcome")
APPLICATIONS: Final = _made.counter("applications", "Employers that register themselves", "outcome")
FIGURES_SECONDS: Final = _made.histogram(
    "figures_seconds", "Time to ask the database where rounds stand", buckets=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
)

_rounds: Final = Metrics("Rounds")

BY_STATE: Final = _rounds.figures("rounds", "Rounds of a hub by state", "hub", "state")
ON_HOLD: Final = _rounds.figures("notices_on_hold", "1 while a hub holds all its notices", "hub")
STATE: Final = _rounds.figures(
    "round_state", "1 at the state a round is in: open, closed, published", "hub", "round", "state"
)
DEADLINE: Final = _rounds.figures("round_deadline_timestamp_seconds", "When an open round closes", "hub", "round")
CLOSING_FAILED: Final = _rounds.figures(
    "round_closing_failed", "1 while a round could not be closed at its time", "hub", "round"
)
SCHOOLS: Final = _rounds.figures(
    "round_schools", "Schools with an adviser, by progress: submitted, to_act", "hub", "round", "progress"
)
EMPLOYERS: Final = _rounds.figures(
    "round_employers",
    "Employers that can be written to, by progress: ready, to_act (no slot, or insurance unknown or ending too soon)",
    "hub",
    "round",
    "progress",
)
STUDENTS: Final = _rounds.figures("round_students", "Students of the programme's year groups", "hub", "round")
WISHING: Final = _rounds.figures("round_students_wishing", "Students with preferences, as submitted", "hub", "round")
SEATS: Final = _rounds.figures("round_seats", "Seats of the published slots of a round's programme", "hub", "round")
RUNS_NOW: Final = _rounds.figures("round_runs", "Runs of a round by state", "hub", "round", "state")
PLACED: Final = _rounds.figures(
    "round_students_placed", "Students with a placement in the run that stands, else the latest solved", "hub", "round"
)
UNPLACED: Final = _rounds.figures(
    "round_students_unplaced", "Students without one, by reason", "hub", "round", "reason"
)
PLACEMENTS: Final = _rounds.figures(
    "round_placements",
    "Placements of that run by the choice they were: first, second, third, later, unranked",
    "hub",
    "round",
    "choice",
)
TRAVEL: Final = _rounds.figures(
    "round_travel_seconds", "Travel one way, of so large a part of the placements at most", "hub", "round", "quantile"
)
GAP: Final = _rounds.figures(
    "round_gap_ratio", "Relative distance of that run to its proven bound; 0 is optimal", "hub", "round"
)
GROUPS: Final = _rounds.figures(
    "round_group_placed_ratio",
    "Part of a group's students that are placed, in whole hundredths; small groups are left out, as on the run's page",
    "hub",
    "round",
    "group",
)
NOTICES: Final = _rounds.figures(
    "round_notices",
    "Notices of the publication that stands: sent, failed, uncertain, open (not settled yet)",
    "hub",
    "round",
    "outcome",
)
