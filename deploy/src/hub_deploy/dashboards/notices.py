"""*Notices*: who has been told, who has not, and whose mail is in doubt."""

from hub_deploy.dashboards.panels import Board, Panel, Row, falling, of_round, one, quantile, rising

_TRIES = "increase(hub_notices_total[1h])"
_WITHIN = 'sum(increase(hub_notice_delivery_seconds_bucket{le="600.0"}[$__range]))'
_ALL = "sum(increase(hub_notice_delivery_seconds_count[$__range]))"

BOARD = Board(
    uid="hub-notices",
    title="Notices",
    description="Each notice is sent once: in doubt it is called uncertain and a person decides.",
    by_round=True,
    rows=(
        Row(
            "Now",
            (
                Panel(
                    title="How many notices wait?",
                    description="Not on their way yet; held: of hubs that hold all their notices.",
                    unit="none",
                    queries=(
                        *one("max(hub_notices_waiting)", "waiting"),
                        *one("max(hub_notices_held)", "of these held"),
                    ),
                    levels=rising(1000, 5000),
                ),
                Panel(
                    title="How long has the first of them waited?",
                    description="Held ones are not counted. Runbook: NoticesLate.",
                    unit="s",
                    queries=one("max(hub_notices_oldest_waiting_seconds)", "oldest"),
                    levels=rising(300, 600),
                ),
                Panel(
                    title="How many notices are uncertain?",
                    description="They may have arrived or not; none is sent again by itself. Runbook: "
                    "NoticesUncertain.",
                    unit="none",
                    queries=one("max(hub_notices_uncertain)", "uncertain"),
                    shape="number",
                    levels=rising(1, 20),
                ),
                Panel(
                    title="Which hubs hold their notices?",
                    description="1: a coordinator of that hub has stopped all its mail.",
                    unit="none",
                    queries=one('max by (hub) (hub_notices_on_hold{hub=~"$hub"})', "{{hub}}"),
                    shape="number",
                    levels=rising(1, 2),
                ),
                Panel(
                    title="What became of each publication's notices?",
                    description="Of the run that stands.",
                    unit="none",
                    queries=one(of_round("hub_round_notices", by="outcome"), "{{round}}: {{outcome}}"),
                    shape="bars",
                    width=16,
                ),
            ),
        ),
        Row(
            "How well does sending go?",
            (
                Panel(
                    title="What part was delivered within 10 minutes?",
                    description="From the publication to the mail server's yes, in the time shown. The objective is 99 "
                    "in 100. A hub's hold counts against it.",
                    unit="percentunit",
                    queries=one(f"{_WITHIN} / {_ALL}", "within 10 minutes"),
                    shape="number",
                    levels=falling(0.95, 0.99),
                ),
                Panel(
                    title="How did tries end in the last hour?",
                    description="put_off: the mail server said later, it will be tried again; held: its hub holds.",
                    unit="none",
                    queries=one(f"sum by (outcome) ({_TRIES})", "{{outcome}}"),
                    shape="bars",
                ),
                Panel(
                    title="How many notices are sent?",
                    description="Each second.",
                    unit="cps",
                    queries=one(
                        'sum by (kind) (rate(hub_notices_total{outcome="sent"}[$__rate_interval]))', "to {{kind}}s"
                    ),
                ),
                Panel(
                    title="How long does it take to hand one over?",
                    description="From taking a notice up to writing what became of it, 95 in 100 at most.",
                    unit="s",
                    queries=one(quantile(0.95, "hub_notice_send_seconds", by="job"), "{{job}}"),
                    levels=rising(3, 10),
                    width=12,
                ),
                Panel(
                    title="How often was the mail server or the registry away?",
                    description="In the last hour; what they were needed for is tried again.",
                    unit="none",
                    queries=one("sum by (what) (increase(hub_notices_away_total[1h])) or vector(0)", "{{what}}"),
                    shape="bars",
                    levels=rising(1, 50),
                    width=12,
                ),
            ),
        ),
    ),
)
