"""The dashboards' JSON is that of the code, is what Grafana's own model reads, and asks for metrics that there are."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from hub_chassis.telemetry import CATALOGUE
from hub_deploy.dashboards.write import BOARDS, files

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/grafana/dashboards"
for _module in ("hub_registry.metrics", "hub_matching.metrics", "hub_notifier.metrics"):
    importlib.import_module(_module)

SERVED = {one.name for one in CATALOGUE}
PANELS = [(board, panel) for board in BOARDS for row in board.rows for panel in row.panels]
_PARTS = re.compile(r"_(bucket|sum|count)$")


def named(expr: str) -> set[str]:
    """The metrics of ours that an expression names."""
    return set(re.findall(r"\bhub_[a-z_]+", re.sub(r"job:hub_[a-z_]+:\w+", "", expr)))


def known(metric: str) -> bool:
    return metric in SERVED or _PARTS.sub("", metric) in SERVED


def test_the_json_is_that_of_the_code() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert kept == files(), "run: make dashboards"


@pytest.mark.parametrize("name", files())
def test_grafanas_own_model_reads_it_back_unchanged(name: str) -> None:
    kept: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    again = json.loads(json.dumps(Dashboard.from_json(kept), cls=JSONEncoder))
    assert again == kept
    assert kept["schemaVersion"] == 42


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=[f"{b.uid}: {p.title}" for b, p in PANELS])
def test_a_panel_can_be_read_without_asking(board: Any, panel: Any) -> None:
    assert panel.title.endswith("?")
    assert len(panel.description) > 4
    assert panel.unit
    assert panel.levels[0][0] is None
    assert all(query.legend for query in panel.queries)
    for query in panel.queries:
        assert named(query.expr) or "up{" in query.expr or "process_" in query.expr
        assert [metric for metric in named(query.expr) if not known(metric)] == []


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: str(board.uid))
def test_titles_of_a_board_differ_and_runbooks_it_names_are_there(board: Any) -> None:
    panels = [panel for row in board.rows for panel in row.panels]
    assert len({panel.title for panel in panels}) == len(panels)
    for panel in panels:
        for name in re.findall(r"Runbook: (\w+)", panel.description):
            assert (ROOT / f"deploy/runbooks/{name}.md").is_file()
