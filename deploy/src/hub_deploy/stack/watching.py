"""Prometheus without containers: the same configuration and rules, with the addresses of our own processes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

SOURCE: Final = Path("deploy/prometheus/prometheus.yml")
"""From the project's folder, where ``make demo`` runs."""


def local_configuration(
    source: Path,
    *,
    services: Mapping[str, str],
    rules: Sequence[Path] = (),
    alertmanager: str | None = None,
    every: str | None = None,
) -> str:
    """Give the configuration for services at known addresses.

    Args:
        source: the configuration for containers.
        services: base address by job.
        rules: in the place of the source's own, which are found beside it.
        alertmanager: its host:port; none: alerts show in Prometheus alone.
        every: how often to scrape and evaluate, in the place of the source's.
    """
    made: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    made["scrape_configs"] = [
        {"job_name": job, "static_configs": [{"targets": [urlsplit(address).netloc]}]}
        for job, address in services.items()
    ]
    made["rule_files"] = [str(path) for path in rules] or [str(source.parent.resolve() / "rules" / "*.yml")]
    made["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager] if alertmanager else []}]}]}
    if every is not None:
        made["global"] |= {"scrape_interval": every, "evaluation_interval": every}
    return yaml.safe_dump(made, sort_keys=False)
