"""*Match quality and equity*: how good a run is, and for whom; for whoever has to answer for it."""

from hub_deploy.dashboards.panels import Board, Panel, Query, Row, falling, of_round, one, rising

_WHICH = "{{hub}} · {{round}}"
_PLACED = of_round("hub_round_students_placed")
_UNPLACED = f"(sum by (hub, round) ({of_round('hub_round_students_unplaced', by='reason')}) or {_PLACED} * 0)"
_PLACEMENTS = f"sum by (hub, round) ({of_round('hub_round_placements', by='choice')})"
_FIRST = of_round("hub_round_placements", where='choice="first"')
_FIRST_THREE = of_round("hub_round_placements", by="choice", where='choice=~"first|second|third"')
_WITHIN = 'sum(increase(hub_matching_run_turnaround_seconds_bucket{le="300.0"}[$__range]))'
_ALL = "sum(increase(hub_matching_run_turnaround_seconds_count[$__range]))"

BOARD = Board(
    uid="hub-match-quality",
    title="Match quality and equity",
    description="What the run that was published, else the latest solved one, came to. Small groups are not shown.",
    by_round=True,
    since="now-24h",
    rows=(
        Row(
            "How good is the match?",
            (
                Panel(
                    title="What part of the students is placed?",
                    description="Of all students who took part in the round.",
                    unit="percentunit",
                    queries=one(f"{_PLACED} / ({_PLACED} + {_UNPLACED})", _WHICH),
                    shape="number",
                    levels=falling(0.8, 0.9),
                ),
                Panel(
                    title="What part of the placements is a first choice?",
                    description="Placements at the student's first choice, of all placements.",
                    unit="percentunit",
                    queries=one(f"{_FIRST} / {_PLACEMENTS}", _WHICH),
                    shape="number",
                    levels=falling(0.2, 0.3),
                ),
                Panel(
                    title="What part is one of the first three choices?",
                    description="Placements at a first, second or third choice, of all placements.",
                    unit="percentunit",
                    queries=one(f"sum by (hub, round) ({_FIRST_THREE}) / {_PLACEMENTS}", _WHICH),
                    shape="number",
                    levels=falling(0.5, 0.7),
                ),
                Panel(
                    title="Which choice did students get?",
                    description="Placements by the choice they were; unranked: wished for by interest, or pinned.",
                    unit="none",
                    queries=one(of_round("hub_round_placements", by="choice"), "{{round}}: {{choice}}"),
                    shape="bars",
                ),
                Panel(
                    title="Why are students not placed?",
                    description="choices_full: seats they could take did more for others; no_feasible_choice: "
                    "every choice "
                    "breaks a rule, the commonest is named; no_preferences: nothing was ranked.",
                    unit="none",
                    queries=one(of_round("hub_round_students_unplaced", by="reason"), "{{round}}: {{reason}}"),
                    shape="bars",
                    levels=rising(1, 500),
                ),
                Panel(
                    title="How long is the way, one way?",
                    description="Half of the placements are within the first figure, 95 in 100 within the "
                    "second. Times are "
                    "estimates where no timetable was given.",
                    unit="s",
                    queries=one(of_round("hub_round_travel_seconds", by="quantile"), "{{round}}: {{quantile}}"),
                    shape="number",
                    levels=rising(3000, 3900),
                ),
            ),
        ),
        Row(
            "For whom?",
            (
                Panel(
                    title="Are students placed alike in every group?",
                    description="Part of a group's students that is placed. Groups and cells with fewer than "
                    "five students "
                    "are hidden, as on the run's page.",
                    unit="percentunit",
                    queries=one(of_round("hub_round_group_placed_ratio", by="group"), "{{round}}: {{group}}"),
                    shape="bars",
                    levels=falling(0.8, 0.9),
                    width=24,
                ),
            ),
        ),
        Row(
            "How was it found?",
            (
                Panel(
                    title="How far is it from the best possible?",
                    description="Relative distance to the proven bound; 0: no better allocation exists.",
                    unit="percentunit",
                    queries=one(of_round("hub_round_gap_ratio"), _WHICH),
                    shape="number",
                    levels=rising(0.001, 0.02),
                ),
                Panel(
                    title="How did runs end?",
                    description="In the time shown.",
                    unit="none",
                    queries=one("sum by (outcome) (increase(hub_matching_runs_total[$__range]))", "{{outcome}}"),
                    shape="bars",
                ),
                Panel(
                    title="What part of the runs had its result within 5 minutes?",
                    description="From the request, waiting and queueing included; the objective is 95 in 100.",
                    unit="percentunit",
                    queries=one(f"{_WITHIN} / {_ALL}", "within 5 minutes"),
                    shape="number",
                    levels=falling(0.9, 0.95),
                ),
                Panel(
                    title="How long does each step of a run take?",
                    description="Mean since the services started.",
                    unit="s",
                    queries=one(
                        "sum by (step) (hub_matching_run_seconds_sum) / sum by (step) (hub_matching_run_seconds_count)",
                        "{{step}}",
                    ),
                    shape="bars",
                    levels=rising(60, 300),
                ),
                Panel(
                    title="How many runs wait for a solver?",
                    description="Jobs in the queue, and how many of the solvers are at work. Steadily more "
                    "jobs than solvers: "
                    "start another matching process.",
                    unit="none",
                    queries=(
                        Query("max(hub_matching_queue_depth)", "in the queue"),
                        Query("sum(hub_matching_solvers_busy)", "solvers at work"),
                        Query("sum(hub_matching_solvers)", "solvers"),
                    ),
                ),
                Panel(
                    title="How much memory did the latest run take?",
                    description="At its most, in the solver's process.",
                    unit="bytes",
                    queries=one("max(hub_matching_run_peak_memory_bytes)", "latest run"),
                    shape="number",
                    levels=rising(2e9, 4e9),
                ),
            ),
        ),
    ),
)
