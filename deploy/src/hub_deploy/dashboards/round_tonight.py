"""*Round tonight*: for whoever runs a round and is no engineer."""

from hub_deploy.dashboards.panels import GREEN, ORANGE, RED, Board, Panel, Row, falling, of_round, one, rising

_WHICH = "{{hub}} · {{round}}"
_DAY = 86_400.0

BOARD = Board(
    uid="hub-round-tonight",
    title="Round tonight",
    description="Where each round stands, who has yet to act, and what a run came to. Numbers are counts; no names.",
    by_round=True,
    since="now-24h",
    rows=(
        Row(
            "Before the deadline",
            (
                Panel(
                    title="Where does each round stand?",
                    description="Rounds that are open or closed, or were published in the last 30 days.",
                    unit="none",
                    queries=one(of_round("hub_round_state", by="state"), "{{round}}: {{state}}"),
                    shape="words",
                    levels=((None, GREEN),),
                ),
                Panel(
                    title="How long until each round closes?",
                    description="Open rounds only. Orange in the last three days, red in the last.",
                    unit="s",
                    queries=one(of_round("hub_round_deadline_timestamp_seconds") + " - time()", _WHICH),
                    shape="number",
                    levels=((None, RED), (_DAY, ORANGE), (3 * _DAY, GREEN)),
                ),
                Panel(
                    title="What part of the students has preferences?",
                    description="Students with preferences, as their schools submitted them, of all students in the "
                    "programme's year groups.",
                    unit="percentunit",
                    queries=one(f"{of_round('hub_round_students_wishing')} / {of_round('hub_round_students')}", _WHICH),
                    shape="number",
                    levels=falling(0.5, 0.9),
                ),
                Panel(
                    title="How many schools have yet to submit?",
                    description="Schools with an adviser that have not submitted preferences. The hub can "
                    "remind them: "
                    "the round's page, Schools, Remind.",
                    unit="none",
                    queries=one(of_round("hub_round_schools", where='progress="to_act"'), _WHICH),
                    shape="bars",
                    levels=rising(1, 10),
                ),
                Panel(
                    title="How many employers have yet to act?",
                    description="Employers that can be written to and offer no slot, or whose insurance is "
                    "unknown or "
                    "ends before their last day.",
                    unit="none",
                    queries=one(of_round("hub_round_employers", where='progress="to_act"'), _WHICH),
                    shape="bars",
                    levels=rising(1, 50),
                ),
                Panel(
                    title="How many seats are there for each student who wishes?",
                    description="Below 1 some students must go without, whatever the run does. "
                    "Nothing while nobody has preferences.",
                    unit="none",
                    queries=one(
                        f"{of_round('hub_round_seats')} / ({of_round('hub_round_students_wishing')} > 0)", _WHICH
                    ),
                    shape="number",
                    levels=falling(1.0, 1.2),
                ),
                Panel(
                    title="How do submissions come in?",
                    description="Schools that have submitted, over time.",
                    unit="none",
                    queries=one(of_round("hub_round_schools", where='progress="submitted"'), _WHICH),
                    width=24,
                    height=6,
                ),
            ),
        ),
        Row(
            "After the deadline",
            (
                Panel(
                    title="Could every round be closed at its time?",
                    description="1: a round could not be closed; its page says what is wrong with its input.",
                    unit="none",
                    queries=one(of_round("hub_round_closing_failed"), _WHICH),
                    shape="number",
                    levels=rising(1, 1),
                ),
                Panel(
                    title="Where are the round's runs?",
                    description="Runs by state; solved ones wait for two approvals, approved ones for publication.",
                    unit="none",
                    queries=one(of_round("hub_round_runs", by="state"), "{{round}}: {{state}}"),
                    shape="bars",
                ),
                Panel(
                    title="What are waiting runs waiting for?",
                    description="closing: the closing has not reached matching; chunks: part of the input has not; "
                    "checking: all is there and being checked; wrong: what came is not what was announced.",
                    unit="none",
                    queries=one("max by (missing) (hub_matching_runs_waiting)", "{{missing}}"),
                    shape="bars",
                    levels=rising(1, 5),
                ),
                Panel(
                    title="How many students are placed?",
                    description="In the run that was published, else in the latest solved one.",
                    unit="none",
                    queries=one(of_round("hub_round_students_placed"), _WHICH),
                    shape="number",
                ),
                Panel(
                    title="How many students are not placed?",
                    description="In the same run. The reasons are on Match quality and equity.",
                    unit="none",
                    queries=one(
                        f"sum by (hub, round) ({of_round('hub_round_students_unplaced', by='reason')})", _WHICH
                    ),
                    shape="number",
                    levels=rising(1, 500),
                ),
                Panel(
                    title="Has everybody been told?",
                    description="Notices of the publication that are not settled yet. It should fall to 0 "
                    "within minutes.",
                    unit="none",
                    queries=one(of_round("hub_round_notices", where='outcome="open"'), _WHICH),
                    shape="number",
                    levels=rising(1, 1000),
                ),
            ),
        ),
    ),
)
