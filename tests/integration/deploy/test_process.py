"""A child process: how it ends, with whom, and what is said when it does not start."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from hub_deploy.embedded.process import Child, ChildFailed, free_port, http_ok, port_open

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable, "-u", "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)",
]  # fmt: skip
FAMILY = [
    sys.executable, "-u", "-c",
    "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(p.pid); time.sleep(600)",
]  # fmt: skip
PARENT = """
import os, sys
from pathlib import Path
from hub_deploy.embedded.process import Child
child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], log=Path(sys.argv[1])).start()
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def gone(pid: int, within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_child_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", PARENT, tmp_path / "log"], capture_output=True, check=False, timeout=60
    )
    assert parent.returncode == -9
    assert gone(int(parent.stdout))


def test_child_that_ends_before_it_is_ready_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child("broken", [sys.executable, "-c", "raise SystemExit('no such database')"], log=tmp_path / "log")
    with pytest.raises(ChildFailed, match="broken ended with status 1") as failed:
        child.start().wait_until(lambda: False, timeout_s=30)
    assert "no such database" in failed.value.tail


def test_child_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    child = Child("slow", SLEEP, log=tmp_path / "log").start()
    with pytest.raises(ChildFailed, match="not ready within"):
        child.wait_until(lambda: False, timeout_s=0.1)
    assert gone(child.pid)


def test_child_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    child = Child("stubborn", STUBBORN, log=tmp_path / "log").start()
    child.wait_until(lambda: "ready" in child.log.read_text(), timeout_s=30)
    assert child.stop(timeout_s=0.2) == -9


def test_killing_a_child_kills_its_descendants(tmp_path: Path) -> None:
    child = Child("family", FAMILY, log=tmp_path / "log").start()
    child.wait_until(lambda: child.log.read_text().endswith("\n"), timeout_s=30)
    grandchild = int(child.log.read_text())
    child.kill()
    assert gone(grandchild)


def test_child_starts_again_after_it_was_killed(tmp_path: Path) -> None:
    port = free_port()
    web = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    child = Child("web", web, log=tmp_path / "log")
    for _ in range(2):
        child.start().wait_until(lambda: http_ok(f"http://127.0.0.1:{port}/"), timeout_s=30)
        child.kill()
        assert not port_open(port)
