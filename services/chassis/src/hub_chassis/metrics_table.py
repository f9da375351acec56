"""Every metric of the services as one table of Markdown, made from the code that serves them.

python -m hub_chassis.metrics_table hub_registry.metrics hub_matching.metrics ...
"""

import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence

from hub_chassis.telemetry import CATALOGUE, Described

HEAD = """# Metrics

What the services serve at `/metrics`, for Prometheus. This table is made from the code (`make metrics`), a test holds
it against it, and another against what the running services serve. Keep `/metrics` off the public side, like
`/internal`.

- A counter only grows, a gauge is a value as it is now, a histogram has `_bucket`, `_sum` and `_count`. Units are in
  the names.
- Every replica serves its own. *Together* says how to make one number of them: `sum`, or `max` where all replicas tell
  the same from one database. Prometheus adds `job` (the service) and `instance`.
- Of people there are counts and parts only, and of small groups not even those. Rounds are shown while they are open or
  closed and for 30 days after publication, the newest five of each hub.
- Gauges of rounds vanish when the registry could not read its database for two minutes: nothing is better than what
  is no longer so.
- `process_resident_memory_bytes`, `process_cpu_seconds_total`, `process_open_fds`, `process_start_time_seconds` and
  their like are there under the names that every Prometheus client gives them (on Linux).
"""


def metrics_table(catalogue: Iterable[Described]) -> str:
    """The whole document, a section for each part, in the order in which the code makes them."""
    parts: dict[str, list[Described]] = {}
    for one in catalogue:
        parts.setdefault(one.of, []).append(one)
    return "\n".join([HEAD, *(line for of, metrics in parts.items() for line in _section(of, metrics))])


def _section(of: str, metrics: Sequence[Described]) -> Iterator[str]:
    yield f"## {of}\n"
    yield "| name | type | labels | unit | together | meaning |\n| --- | --- | --- | --- | --- | --- |"
    for one in metrics:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        cells = (f"`{one.name}`", one.kind, labels, one.unit.replace("_", " "), one.across, one.meaning)
        yield "| " + " | ".join(cells) + " |"
    yield ""


def main(modules: Sequence[str]) -> None:
    """Print the table of what the chassis and these modules make."""
    for module in modules:
        importlib.import_module(module)
    print(metrics_table(CATALOGUE), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
