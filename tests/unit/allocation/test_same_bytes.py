"""Every file of a result is the same from another process, whatever the order and format of the rows or the workers."""

import os
import subprocess
import sys

import pytest

from tests.unit.allocation.agreement import seeds

COUNT = 1
"""Rounds of each kind; HUB_ORACLE_SCALE makes them more."""


def digests(*, form: str, workers: int = 1, hash_seed: int = 0) -> list[str]:
    found = seeds(COUNT, first=4)
    words = ["-m", "tests.unit.allocation.digests", str(found.start), str(len(found)), form, str(workers)]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, timeout=280 * len(found),
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def expected() -> list[str]:
    found = digests(form="csv")
    assert sum("allocations.csv" in line for line in found) > len(found) / 10
    return found


@pytest.mark.parametrize(("form", "workers", "hash_seed"), [("shuffled csv", 2, 1), ("shuffled parquet", 4, 2)])
def test_another_process_writes_the_same(form: str, workers: int, hash_seed: int, expected: list[str]) -> None:
    assert digests(form=form, workers=workers, hash_seed=hash_seed) == expected
