"""Components whose rules form no network, side by side in processes: the same answer, the same refusals, one clock."""

import multiprocessing
import time

import pytest

from hub_allocation.components.searched import time_fractions, until
from hub_allocation.errors import Infeasible
from hub_allocation.result import make_result
from hub_allocation.solve import Cancelled, Solved, solve
from hub_allocation.stopwatch import Stopwatch
from tests.unit.allocation.rounds import Round, make_round, read, slot, student, wishes


def towns(count: int) -> Round:
    """Towns of three students, two of them companions, and two slots with a minimum group."""
    students, slots = [], []
    ranked: dict[str, list[str]] = {}
    for town in range(count):
        names = [f"t{town}{letter}" for letter in "abc"]
        students += [student(name) for name in names]
        students[-3]["companion_id"] = names[1]
        own = [f"L{town}a", f"L{town}b"]
        slots += [slot(name, capacity=2, min_group=2) for name in own]
        ranked |= {name: own if at % 2 else own[::-1] for at, name in enumerate(names)}
    return make_round(students, slots, wishes(**ranked))


def files_of(round_: Round, workers: int) -> dict[str, bytes]:
    solved = solve(read(round_), clock=time.monotonic, workers=workers)
    assert isinstance(solved, Solved)
    assert solved.status == "optimal"
    return make_result(solved, watch=Stopwatch(lambda: 0.0)).files()


def test_processes_give_the_files_of_one() -> None:
    round_ = towns(4)
    assert files_of(round_, 2) == files_of(round_, 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_town_that_cannot_be_solved_is_infeasible_wherever_it_is_solved(workers: int) -> None:
    round_ = towns(3)
    round_["students"][0] |= {"companion_id": "", "pinned_slot_id": "L0a"}
    round_["preferences"] = [row for row in round_["preferences"] if row["student_id"] not in ("t0b", "t0c")]
    with pytest.raises(Infeasible):
        solve(read(round_), clock=time.monotonic, workers=workers)


def test_stopping_ends_the_processes() -> None:
    begun = multiprocessing.active_children

    outcome = solve(read(towns(4)), clock=time.monotonic, workers=2, cancelled=lambda: bool(begun()))
    assert isinstance(outcome, Cancelled)
    until_gone = time.monotonic() + 120
    while begun() and time.monotonic() < until_gone:  # join() would race the pool's own thread for the exit status
        time.sleep(0.05)
    assert not begun()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_parts_that_use_up_their_time_end_with_the_round(workers: int) -> None:
    sizes = [1, 1, 2, 3, 5, 8, 8, 8]
    free = [0.0] * workers
    for fraction in time_fractions(sizes, workers=workers):
        worker = free.index(min(free))
        free[worker] = until(free[worker], 10.0, fraction)
    assert 9.0 < max(free) <= 10.0 + 1e-9
