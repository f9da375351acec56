"""*Flow of events*: from the outbox over Kafka to the handlers, and what gets stuck on the way."""

from hub_deploy.dashboards.panels import Board, Panel, Row, falling, one, quantile, rising

BOARD = Board(
    uid="hub-flow-of-events",
    title="Flow of events",
    description="Every fact goes outbox → relay → Kafka → consumer. Whatever piles up, piles up at one of them.",
    rows=(
        Row(
            "Going out",
            (
                Panel(
                    title="How old is the oldest event that was not sent?",
                    description="Age of the oldest outbox row; seconds are usual. Runbook: OutboxStuck.",
                    unit="s",
                    queries=one("max by (job) (hub_outbox_oldest_seconds)", "{{job}}"),
                    levels=rising(30, 120),
                ),
                Panel(
                    title="How many events wait to be sent?",
                    description="Outbox rows without a sending time.",
                    unit="none",
                    queries=one("max by (job) (hub_outbox_unsent_rows)", "{{job}}"),
                    levels=rising(1000, 10_000),
                ),
                Panel(
                    title="Does each service have one relay?",
                    description="Processes that hold the relay's lock: 1, whatever the number of replicas.",
                    unit="none",
                    queries=one("sum by (job) (hub_relay_leader)", "{{job}}"),
                    shape="number",
                    levels=falling(1, 1),
                ),
                Panel(
                    title="How many events are sent?",
                    description="By topic, each second.",
                    unit="cps",
                    queries=one("sum by (topic) (rate(hub_relay_sent_total[$__rate_interval]))", "{{topic}}"),
                    width=12,
                ),
                Panel(
                    title="How often had a relay to start anew?",
                    description="Kafka or the database was away. In the last hour.",
                    unit="none",
                    queries=one("sum by (job) (increase(hub_relay_failures_total[1h]))", "{{job}}"),
                    shape="bars",
                    levels=rising(1, 20),
                    width=12,
                ),
            ),
        ),
        Row(
            "Coming in",
            (
                Panel(
                    title="How many events wait to be handled?",
                    description="Records behind what the consumer has committed, by service and topic. "
                    "Runbook: ConsumerNotProgressing.",
                    unit="none",
                    queries=one("sum by (job, topic) (hub_consumer_lag_records)", "{{job}} {{topic}}"),
                    levels=rising(1000, 10_000),
                ),
                Panel(
                    title="How many events are handled?",
                    description="By service and what became of them, each second. skipped: of no interest "
                    "here; duplicate "
                    "and passed: seen before.",
                    unit="cps",
                    queries=one(
                        "sum by (job, outcome) (rate(hub_consumer_records_total[$__rate_interval]))",
                        "{{job}} {{outcome}}",
                    ),
                ),
                Panel(
                    title="How long does an event take to arrive?",
                    description="From Kafka's taking it to its effect here, 95 in 100 at most.",
                    unit="s",
                    queries=one(quantile(0.95, "hub_consumer_record_age_seconds", by="job"), "{{job}}"),
                    levels=rising(10, 30),
                ),
                Panel(
                    title="How many dead letters wait for a decision?",
                    description="Records that could not be handled; what has the same key waits behind them. "
                    "Runbook: DeadLetters.",
                    unit="none",
                    queries=one("max by (job) (hub_dead_letters_open)", "{{job}}"),
                    shape="number",
                    levels=rising(1, 50),
                ),
                Panel(
                    title="How often were batches tried again?",
                    description="After a transient error, in the last hour.",
                    unit="none",
                    queries=one("sum by (job) (increase(hub_consumer_retries_total[1h]))", "{{job}}"),
                    shape="bars",
                    levels=rising(1, 50),
                ),
                Panel(
                    title="How long does a batch take?",
                    description="Up to 500 records in one transaction, 95 in 100 at most.",
                    unit="s",
                    queries=one(quantile(0.95, "hub_consumer_batch_seconds", by="job"), "{{job}}"),
                    levels=rising(3, 10),
                ),
            ),
        ),
        Row(
            "Made by time",
            (
                Panel(
                    title="How late is the clock?",
                    description="Openings, closings and the like that are due and have not happened. Runbook: "
                    "ClockLate.",
                    unit="s",
                    queries=one("max by (job) (hub_due_oldest_seconds)", "{{job}}"),
                    width=12,
                    levels=rising(30, 120),
                ),
                Panel(
                    title="What did the clock do in the last day?",
                    description="Due rows fired, or failed and to be tried again.",
                    unit="none",
                    queries=one(
                        "sum by (kind, outcome) (increase(hub_due_fired_total[1d])) or vector(0)",
                        "{{kind}} {{outcome}}",
                    ),
                    shape="bars",
                    width=12,
                ),
            ),
        ),
    ),
)
