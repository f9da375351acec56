"""The three services as child processes: their settings, start, readiness, crash and return."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub_deploy.embedded.process import Child, free_port, http_ok

MODULES = {
    "registry": "hub_registry.main",
    "matching": "hub_matching.main",
    "notifier": "hub_notifier.main",
}

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "TZ", "NUMBA_CACHE_DIR", "SSL_CERT_FILE")


@dataclass
class ServiceProcess:
    """One service under its own port, log and settings; can be killed and started again where it was."""

    name: str
    folder: Path
    settings: Mapping[str, str]
    port: int = field(default_factory=free_port)
    child: Child | None = None

    @property
    def url(self) -> str:
        """Where its HTTP is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / f"{self.name}.log"

    def launch(self) -> None:
        """Start the process without waiting for it."""
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= dict(self.settings) | {"HUB_HTTP_PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        argv = [sys.executable, "-m", MODULES[self.name]]
        self.child = Child(self.name, argv, log=self.log, env=environment, cwd=self.folder).start()

    def wait(self, timeout_s: float = 60.0) -> None:
        """Wait until the service says it is ready; raises ChildFailed with the end of its log."""
        self._child.wait_until(lambda: http_ok(f"{self.url}/health/ready"), timeout_s=timeout_s)

    def start(self, timeout_s: float = 60.0) -> None:
        """Launch and wait."""
        self.launch()
        self.wait(timeout_s)

    def stop(self) -> int | None:
        """Ask the service to end and wait for it; returns its exit status."""
        return self.child.stop() if self.child else None

    def kill(self) -> None:
        """End it as a crash would: SIGKILL, nothing tidied."""
        self._child.kill()

    @property
    def _child(self) -> Child:
        if self.child is None:
            raise RuntimeError(f"{self.name} was not launched")
        return self.child
