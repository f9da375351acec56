"""Rules ask for metrics that there are; each alert has its runbook and is tested both ways."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.test_dashboards import known, named

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RUNBOOKS = ROOT / "deploy/runbooks"
PARTS = ("**What it means.**", "**What users see.**", "**What to do.**", "**How to check that it worked.**")
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


def rules() -> list[dict[str, Any]]:
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((PROMETHEUS / "rules").glob("*.yml"))]
    return [rule for file in read for group in file["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]


def test_each_alert_is_tested_both_ways() -> None:
    fires: set[str] = set()
    quiet: set[str] = set()
    for file in TESTS:
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]:
            for asked in case["promql_expr_test"]:
                (name,) = re.findall(r'alertname="(\w+)"', asked["expr"])
                (fires if asked["exp_samples"] else quiet).add(name)
    names = {alert["alert"] for alert in ALERTS}
    assert fires == names
    assert quiet == names


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule.get("alert") or rule["record"]))
def test_a_rule_asks_for_metrics_that_there_are(rule: dict[str, Any]) -> None:
    assert [metric for metric in named(rule["expr"]) if not known(metric)] == []


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"]
    runbook = ROOT / alert["annotations"]["runbook_url"]
    assert runbook.parent == RUNBOOKS
    text = runbook.read_text(encoding="utf-8")
    assert text.startswith(f"# {alert['alert'].removesuffix('Slowly') or alert['alert']}\n")
    assert [part for part in PARTS if part not in text] == []


def test_there_is_no_runbook_without_its_alert() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {Path(alert["annotations"]["runbook_url"]).stem for alert in ALERTS}


def test_metrics_named_in_runbooks_are_there() -> None:
    modules = {"hub_chassis", "hub_registry", "hub_matching", "hub_notifier", "hub_deploy"}
    for page in RUNBOOKS.glob("*.md"):
        text = re.sub(r"\bhub_[a-z_]+_(?=[ '(`:])", "", page.read_text(encoding="utf-8"))  # beginnings, for grep
        assert [one for one in named(text) - modules if not known(one)] == [], page.name
