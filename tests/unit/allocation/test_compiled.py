"""Machine code that is kept is used again, and only while no source is another that it was made from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hub_allocation import compiled

INNER = """
from hub_allocation.compiled import compiled
from hub_allocation.board import STEP
@compiled
def rise(by):
    return by + STEP
"""
OUTER = """
from hub_allocation.compiled import compiled
from hub_allocation.inner import rise
@compiled
def twice(board):
    return rise(rise(board.height))
"""
BOARD = """
from typing import NamedTuple
STEP = 1
class Board(NamedTuple):
    height: int
    width: int
"""
ASKED = """
from hub_allocation.board import Board
from hub_allocation.outer import twice
print(twice(Board(height=10, width=20)), sum(twice.stats.cache_hits.values()))
"""


def package(folder: Path) -> Path:
    """A package of this name that has a few loops of its own."""
    found = folder / "hub_allocation"
    found.mkdir()
    (found / "__init__.py").touch()
    shutil.copy(compiled.__file__, found)
    for name, text in {"inner": INNER, "outer": OUTER, "board": BOARD, "words": "SAID = 1\n"}.items():
        (found / f"{name}.py").write_text(text)
    return found


def change(source: Path, before: str, after: str) -> None:
    text = source.read_text()
    assert before in text
    source.write_text(text.replace(before, after))


def asked(package: Path) -> tuple[int, int]:
    """What ``twice`` comes to in a process of its own, and how often it was there already."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED], stdout=subprocess.PIPE, text=True, check=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": ""},
    )  # fmt: skip
    answer, hits = done.stdout.split()
    return int(answer), int(hits)


def test_code_is_kept_until_something_changes_that_it_was_made_from(tmp_path: Path) -> None:
    loops = package(tmp_path)
    assert asked(loops) == (12, 0)
    change(loops / "words.py", "1", "2")  # no loop sees it
    assert asked(loops) == (12, 1)
    change(loops / "inner.py", "by + STEP", "by * 3 + STEP")  # a loop that it calls
    assert asked(loops) == (94, 0)
    change(loops / "board.py", "STEP = 1", "STEP = 5")  # a constant
    assert asked(loops) == (110, 0)
    change(loops / "board.py", "height: int\n    width: int", "width: int\n    height: int")  # the order of fields
    assert asked(loops) == (110, 0)
    assert asked(loops) == (110, 1)
