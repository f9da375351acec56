"""Panels where there is nothing to count: a real Prometheus' own arithmetic on series that a stopped service leaves."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from hub_deploy.dashboards import round_tonight, services
from hub_deploy.dashboards.panels import Board
from tests.support.prometheus import find

UP = "Does every service answer Prometheus?"
SEATS = "How many seats are there for each student who wishes?"


def answers(tmp_path: Path, board: Board, title: str, *, series: dict[str, str], expected: dict[str, float]) -> None:
    """Ask a panel's query after two minutes, one sample a minute; "stale" is a target that has gone."""
    (panel,) = [panel for row in board.rows for panel in row.panels if panel.title == title]
    (query,) = panel.queries
    expr = query.expr.replace("$hub", ".*").replace("$round", ".*")
    samples = [{"labels": labels, "value": value} for labels, value in expected.items()]
    case: dict[str, Any] = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expr, "eval_time": "2m", "exp_samples": samples}],
    }
    file = tmp_path / "panel.yml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "1m", "tests": [case]}), encoding="utf-8")
    done = subprocess.run(
        [find("promtool"), "test", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_service_whose_name_has_gone_is_shown_as_not_answering(tmp_path: Path) -> None:
    answers(
        tmp_path,
        services.BOARD,
        UP,
        series={
            'up{job="registry", instance="a"}': "1 1 1",
            'up{job="registry", instance="b"}': "1 1 0",
            'up{job="matching", instance="c"}': "1 1 stale",
            'up{job="prometheus", instance="d"}': "1 1 1",
        },
        expected={
            'up{job="registry", instance="a"}': 1,
            'up{job="registry", instance="b"}': 0,
            '{job="matching"}': 0,
            '{job="notifier"}': 0,
        },
    )


def test_a_round_without_preferences_has_no_seats_for_each(tmp_path: Path) -> None:
    answers(
        tmp_path,
        round_tonight.BOARD,
        SEATS,
        series={
            'hub_round_seats{hub="h", round="early"}': "40 40 40",
            'hub_round_students_wishing{hub="h", round="early"}': "0 0 0",
            'hub_round_seats{hub="h", round="late"}': "40 40 40",
            'hub_round_students_wishing{hub="h", round="late"}': "20 20 20",
        },
        expected={'{hub="h", round="late"}': 2},
    )
