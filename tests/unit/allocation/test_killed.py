"""kill -9 in the middle of solving or writing: no process is left behind, and no half result that seems a whole one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.unit.allocation.rounds import make_round, slot, student, wishes
from tests.unit.allocation.test_command_line import write

WRITE = """
import itertools, os, signal, sys
from pathlib import Path
from hub_allocation.folder import write_files

def write(folder, most):
    left = itertools.count(most, -1)
    def hook(event, args):
        touches = event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "os.chmod")
        if touches and any(str(folder.parent) in str(one) for one in args) and next(left) <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    write_files({"allocations.csv": b"new", "moves.csv": b"new", "run.json": b"new"}, folder)
    os._exit(0)

top = Path(sys.argv[1])
for most in itertools.count():
    folder = top / str(most) / "out"
    folder.parent.mkdir()
    if sys.argv[2] == "again":
        write_files({"allocations.csv": b"old", "unplaced.csv": b"old", "run.json": b"old"}, folder)
    child = os.fork() or write(folder, most)
    if os.waitpid(child, 0)[1] == 0:
        break
"""
"""Writes a result again and again, each time killed one touch of the disk later, until it comes to its end."""


@pytest.mark.parametrize("into", ["new", "again"])
def test_killed_at_any_touch_of_the_disk_a_result_is_whole_or_says_it_is_none(into: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path), into], check=True, timeout=200)
    found = sorted(tmp_path.iterdir(), key=lambda one: int(one.name))
    states = []
    for top in found:
        files = {path.name: path.read_bytes() for path in (top / "out").glob("*")}
        if "run.json" in files:  # valid by what it says: then all of it is of one result
            assert set(files.values()) == {files["run.json"]}
            assert len(files) == 3
        states.append(files.get("run.json", b"none"))
    assert states[-1] == b"new"
    assert states == sorted(states, key=[b"old", b"none", b"new"].index)
    assert len(states) > 6
    assert (states[0] == b"old") == (into == "again")


def hard(folder: Path) -> Path:
    """Two components that share nothing, of minimum groups that a search does not settle in a minute."""
    rng = np.random.default_rng(1)
    people, slots, ranked = [], [], {}
    for town in ("A", "B"):
        names = [f"{town}{at}" for at in range(60)]
        slots += [slot(name, employer_id=town, capacity=6, min_group=5, single_school="true") for name in names]
        for at in range(240):
            people.append(student(f"{town}-{at}", school_id=f"{town}{at % 4}", priority=int(rng.integers(0, 1000))))
            ranked[f"{town}-{at}"] = rng.permutation(names)[:8].tolist()
    caps = [{"employer_id": town, "max_at_once": "150"} for town in ("A", "B")]
    return write(folder, make_round(people, slots, wishes(**ranked), employers=caps))


def children(parent: int) -> set[int]:
    return {int(one) for path in Path(f"/proc/{parent}/task").glob("*/children") for one in path.read_text().split()}


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(what: str, true: object, *, seconds: float) -> None:
    last = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < last, what
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")
def test_killed_while_solving_it_leaves_no_process_behind(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["solve", hard(tmp_path / "in"), "--out", out, "--workers", "2", "--time-limit", "300"]
    program = [sys.executable, "-c", "from hub_matching.cli import app; app()", *map(str, words)]
    solving = subprocess.Popen(program, stderr=subprocess.DEVNULL)
    try:
        until(
            "fewer than two workers and what tracks their resources",
            lambda: len(children(solving.pid)) >= 3 or solving.poll() is not None,
            seconds=200,
        )
        assert solving.poll() is None
        begun = children(solving.pid)
        time.sleep(3)
    finally:
        os.kill(solving.pid, signal.SIGKILL)
        solving.wait()
    until("left behind", lambda: not any(map(alive, begun)), seconds=30)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
