"""Verifying takes time in proportion to the pairs: four times the round, about four times the time."""

import time
from pathlib import Path

import pytest

from hub_allocation.folder import read_files
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.verify import verify
from tests.bench.allocation_instances import write_round
from tests.unit.allocation.rounds import solved

FEW = 1_500
TIMES = 4
MOST_TIMES = 8.0
"""Sorting and a cache that is too small cost a little more than in proportion; the square would be 16 times."""


def timed(instance: Instance, files: dict[str, bytes]) -> float:
    begun = time.process_time()
    assert verify(instance, files).reasons == ()
    return time.process_time() - begun


@pytest.mark.parametrize("objective", ["balanced", "stable"])
def test_four_times_the_round_takes_about_four_times_as_long(objective: str, tmp_path: Path) -> None:
    seconds = []
    for students in (FEW, FEW * TIMES):
        folder = tmp_path / str(students)
        write_round(folder, students=students, slots=students // 4, rules=objective != "stable")
        instance = read_instance(read_files(folder), Policy(objective=objective))
        files = solved(instance)[1].files()
        seconds.append(min(timed(instance, files) for _ in range(3)))
    assert seconds[1] < MOST_TIMES * seconds[0], seconds
