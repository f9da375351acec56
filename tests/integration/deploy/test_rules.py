"""Prometheus and Alertmanager take what they are given, and each alert fires when it should and not otherwise."""

import subprocess
from pathlib import Path

import pytest

from hub_deploy.stack.watching import local_configuration
from tests.contract.test_alerts import TESTS
from tests.support.prometheus import CONFIGURATION, ROOT, find


def run(*argv: str | Path) -> None:
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration_and_the_rules() -> None:
    run(find("promtool"), "check", "config", CONFIGURATION)


def test_prometheus_takes_the_configuration_for_processes_of_this_machine(tmp_path: Path) -> None:
    made = tmp_path / "prometheus.yml"
    made.write_text(local_configuration(CONFIGURATION, services={"registry": "http://127.0.0.1:8000"}))
    assert "127.0.0.1:8000" in made.read_text()
    run(find("promtool"), "check", "config", made)


def test_alertmanager_takes_its_configuration() -> None:
    run(find("amtool"), "check-config", ROOT / "deploy/alertmanager/alertmanager.yml")


@pytest.mark.parametrize("file", TESTS, ids=lambda path: str(path.stem))
def test_alerts_fire_when_they_should_and_not_otherwise(file: Path) -> None:
    run(find("promtool"), "test", "rules", file)
