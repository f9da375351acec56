"""*Services*: are they up, do they answer, what do they run short of."""

from hub_deploy.dashboards.panels import Board, Panel, Query, Row, falling, one, quantile, rising

_REQUESTS = "rate(hub_http_requests_total[$__rate_interval])"
PAGES = 'job="registry", method="GET", route!~"/api/.*|/internal/.*|unknown"'
_ERRORS = 'rate(hub_http_requests_total{status=~"5.."}[$__rate_interval])'
_SERVICES = ("registry", "matching", "notifier")
_UP = " or ".join(
    (f'up{{job=~"{"|".join(_SERVICES)}"}}', *(f'0 * absent(up{{job="{service}"}})' for service in _SERVICES))
)
"""Where Prometheus finds services by their DNS names, one that is stopped has no target and so no ``up`` of 0."""

BOARD = Board(
    uid="hub-services",
    title="Services",
    description="Registry, matching and notifier: requests, errors, duration, and what they run short of.",
    rows=(
        Row(
            "Are they up?",
            (
                Panel(
                    title="Does every service answer Prometheus?",
                    description="1 for each process that was scraped; 0: it did not answer, "
                    "or none of the service is found at all. Runbook: ServiceDown.",
                    unit="none",
                    queries=one(_UP, "{{job}} {{instance}}"),
                    shape="number",
                    levels=falling(1, 1),
                ),
                Panel(
                    title="Can every part do its work?",
                    description="0: that part of some process can't (database away, Kafka away, consuming stopped). "
                    "Runbook: ServiceNotReady.",
                    unit="none",
                    queries=one("min by (job, part) (hub_part_ready)", "{{job}} {{part}}"),
                    shape="number",
                    levels=falling(1, 1),
                ),
                Panel(
                    title="Which version runs?",
                    description="And in how many processes.",
                    unit="none",
                    queries=one("count by (job, version) (hub_build_info)", "{{job}} {{version}}"),
                    shape="bars",
                ),
            ),
        ),
        Row(
            "Do they answer well?",
            (
                Panel(
                    title="How many requests are there?",
                    description="Each second, by service.",
                    unit="reqps",
                    queries=one(f"sum by (job) ({_REQUESTS})", "{{job}}"),
                ),
                Panel(
                    title="What part of the requests fails?",
                    description="Answers of 500 and above, of all answers. The objective is at most 1 in 200.",
                    unit="percentunit",
                    queries=one(
                        f"(sum by (job) ({_ERRORS}) or sum by (job) ({_REQUESTS}) * 0) / sum by (job) ({_REQUESTS})",
                        "{{job}}",
                    ),
                    levels=rising(0.005, 0.05),
                ),
                Panel(
                    title="How long do people wait for a page?",
                    description="Until the answer began: half of the pages at most, 95 in 100 at most. The API "
                    "and files "
                    "that are sent are not in it.",
                    unit="s",
                    queries=(
                        Query(quantile(0.5, "hub_http_request_seconds", by="job", where=PAGES), "half of them"),
                        Query(quantile(0.95, "hub_http_request_seconds", by="job", where=PAGES), "95 in 100"),
                    ),
                    levels=rising(0.5, 2.5),
                ),
                Panel(
                    title="Which requests are slowest?",
                    description="The five routes with the longest mean time in the last ten minutes.",
                    unit="s",
                    queries=one(
                        "topk(5, sum by (job, method, route) (rate(hub_http_request_seconds_sum[10m])) "
                        "/ sum by (job, method, route) (rate(hub_http_request_seconds_count[10m])) > 0)",
                        "{{method}} {{route}}",
                    ),
                    shape="bars",
                    levels=rising(0.5, 2.5),
                    width=12,
                ),
                Panel(
                    title="How many requests are being answered now?",
                    description="At one moment, by service.",
                    unit="none",
                    queries=one("sum by (job) (hub_http_requests_in_progress)", "{{job}}"),
                    width=12,
                    levels=rising(50, 200),
                ),
            ),
        ),
        Row(
            "What do they run short of?",
            (
                Panel(
                    title="How much of its database pools does each service use?",
                    description="Connections lent, of those allowed, by role. Runbook: DatabasePoolExhausted.",
                    unit="percentunit",
                    queries=one(
                        "max by (job, role) (hub_pool_connections_in_use / (hub_pool_connections_limit > 0))",
                        "{{job}} {{role}}",
                    ),
                    levels=rising(0.8, 1.0),
                ),
                Panel(
                    title="How long does a database connection take to come?",
                    description="95 in 100 at most.",
                    unit="s",
                    queries=one(quantile(0.95, "hub_pool_wait_seconds", by="job"), "{{job}}"),
                    levels=rising(0.1, 1.0),
                ),
                Panel(
                    title="How late is each event loop?",
                    description="Everything in a process waits so long; 99 in 100 at most.",
                    unit="s",
                    queries=one(quantile(0.99, "hub_event_loop_delay_seconds", by="job"), "{{job}}"),
                    levels=rising(0.25, 1.0),
                ),
                Panel(
                    title="How much memory does each process take?",
                    description="Resident. Solvers are processes of their own: see Match quality and equity.",
                    unit="bytes",
                    queries=one(
                        'process_resident_memory_bytes{job=~"registry|matching|notifier"}', "{{job}} {{instance}}"
                    ),
                    levels=rising(1e9, 2e9),
                ),
                Panel(
                    title="How much of a core does each process take?",
                    description="1 is a whole core: a process takes no more, but starts others that do.",
                    unit="percentunit",
                    queries=one(
                        'rate(process_cpu_seconds_total{job=~"registry|matching|notifier"}[$__rate_interval])',
                        "{{job}} {{instance}}",
                    ),
                    levels=rising(0.7, 0.95),
                ),
                Panel(
                    title="How often did a worker end in an error?",
                    description="It is started again each time. In the last hour.",
                    unit="none",
                    queries=one(
                        "sum by (job, worker) (increase(hub_worker_crashes_total[1h])) or vector(0)",
                        "{{job}} {{worker}}",
                    ),
                    shape="bars",
                    levels=rising(1, 5),
                ),
            ),
        ),
    ),
)
