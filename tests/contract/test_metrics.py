"""The table of metrics says what the code serves, under names that follow Prometheus' conventions."""

import importlib
import re
from pathlib import Path

import pytest

from hub_chassis.metrics_table import metrics_table
from hub_chassis.telemetry import CATALOGUE, Described

ROOT = Path(__file__).parents[2]
for _module in ("hub_registry.metrics", "hub_matching.metrics", "hub_notifier.metrics"):
    importlib.import_module(_module)

PERSONAL = {"student", "student_id", "staff", "staff_id", "name", "email", "school", "employer", "mis_id", "upn"}
RESERVED = {"job", "instance", "le"}


def test_the_table_is_that_of_the_code() -> None:
    kept = (ROOT / "deploy/metrics.md").read_text(encoding="utf-8")
    assert kept == metrics_table(CATALOGUE), "run: make metrics"


def test_all_metrics_are_made_where_they_are_described() -> None:
    makers = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "services").rglob("*.py")
        if "prometheus_client" in path.read_text(encoding="utf-8")
    ]
    assert makers == ["services/chassis/src/hub_chassis/telemetry.py"]


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: str(one.name))
def test_a_metric_keeps_to_the_conventions(one: Described) -> None:
    assert re.fullmatch(r"hub_[a-z][a-z0-9_]*[a-z0-9]", one.name)
    assert one.name.endswith("_total") == (one.kind == "counter")
    assert not re.search(r"_(ms|minutes|hours|days|mb|kb|percent)(_|$)", one.name), "seconds, bytes and ratios"
    if one.kind == "histogram":
        assert one.unit == "seconds"
    assert one.meaning
    assert not set(one.labels) & (PERSONAL | RESERVED)


def test_no_name_is_taken_twice() -> None:
    names = [one.name for one in CATALOGUE]
    assert len(names) == len(set(names))
