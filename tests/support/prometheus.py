"""A real Prometheus, and a real Alertmanager, for as long as a test runs: found on the machine, never fetched."""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from hub_deploy.embedded.process import Child, free_port, http_ok
from hub_deploy.stack.watching import local_configuration

ROOT: Final = Path(__file__).parents[2]
CONFIGURATION: Final = ROOT / "deploy/prometheus/prometheus.yml"
RULES: Final = ROOT / "deploy/prometheus/rules"
MISSING: Final = (
    "the tests of metrics, dashboards and alerts need a Prometheus and found none: run\n"
    "    apt-get install prometheus prometheus-alertmanager\n"
    "or put prometheus, promtool and alertmanager of https://prometheus.io/download on PATH"
)


class NoPrometheus(Exception):
    """There is none here; the text says how to come by one."""


def find(*names: str) -> str:
    """Path of the first of these programs that is here; raises NoPrometheus."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise NoPrometheus(MISSING)


@dataclass(frozen=True)
class Sample:
    """One series of an answer and its value."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """Scrapes every second; ``with Prometheus(folder, services=…) as prometheus``."""

    def __init__(
        self,
        folder: Path,
        *,
        services: Mapping[str, str],
        rules: Path = RULES,
        alertmanager: str | None = None,
        every: str = "1s",
    ) -> None:
        self.folder = folder
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._configuration = folder / "prometheus.yml"
        self._configuration.write_text(
            local_configuration(
                CONFIGURATION,
                services=services,
                rules=[rules / "*.yml"],
                alertmanager=alertmanager,
                every=every,
            )
        )
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20)
        self._child: Child | None = None

    def __enter__(self) -> Self:
        argv = [
            find("prometheus"),
            f"--config.file={self._configuration}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
        ]
        self._child = Child("prometheus", argv, log=self.folder / "prometheus.log", env=dict(os.environ)).start()
        self._child.wait_until(lambda: http_ok(f"http://127.0.0.1:{self.port}/-/ready"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        if self._child is not None:
            self._child.stop(timeout_s=10)

    def ask(self, expr: str) -> list[Sample]:
        """What an instant query answers; raises AssertionError with Prometheus' words when it is refused."""
        answer = self._http.post("/api/v1/query", data={"query": expr}).json()
        assert answer["status"] == "success", f"{expr}: {answer.get('error')}"
        result = answer["data"]["result"]
        if answer["data"]["resultType"] == "scalar":
            return [Sample({}, float(result[1]))]
        return [Sample(one["metric"], float(one["value"][1])) for one in result]

    def value(self, expr: str) -> float:
        """The sum over the answer's series; 0 when there are none."""
        return sum(sample.value for sample in self.ask(expr))

    def until(self, expr: str, *, timeout_s: float = 60.0) -> list[Sample]:
        """Wait until a query answers with anything (a comparison, say) and give it."""
        deadline = time.monotonic() + timeout_s
        while not (found := self.ask(expr)):
            assert time.monotonic() < deadline, f"nothing came of {expr} within {timeout_s:.0f} s"
            time.sleep(0.5)
        return found

    def alerts(self) -> dict[str, str]:
        """Name and state (pending, firing) of each alert that is one now; firing wins."""
        found: dict[str, str] = {}
        for alert in self._http.get("/api/v1/alerts").json()["data"]["alerts"]:
            name = alert["labels"]["alertname"]
            if found.get(name) != "firing":
                found[name] = alert["state"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Every rule and how its last evaluation went."""
        groups = self._http.get("/api/v1/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]


def main() -> None:
    """Print the Prometheus that the tests will use, or say how to come by one and end with status 1."""
    try:
        found = [find("prometheus"), find("promtool"), find("alertmanager", "prometheus-alertmanager"), find("amtool")]
    except NoPrometheus as missing:
        sys.exit(str(missing))
    print(f"Prometheus for the tests of metrics and alerts: {', '.join(found)}")


if __name__ == "__main__":
    main()
