"""Ctrl-C in the middle of a search, and what is said of an allocation that nobody has yet."""

import itertools
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from hub_allocation.components.prepared import prepare
from hub_allocation.policy import Policy
from hub_allocation.solve import Solved, solve
from tests.unit.allocation.rounds import make_round, read, slot, student, wishes
from tests.unit.allocation.test_general_search import MAXIMISED, solve_one

SEARCH = """
import os, random, signal, threading
from ortools.sat.python import cp_model
from hub_allocation.general.search import run
from hub_matching.cli.live import watched

rng, model = random.Random(1), cp_model.CpModel()
taken = [model.new_bool_var(str(at)) for at in range(200)]
for _ in range(150):
    model.add(sum(rng.randint(1, 99) * one for one in rng.sample(taken, 60)) <= 1000)
model.maximize(sum(rng.randint(50, 99) * one for one in taken))

def work(progress, stopped):
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    def check():
        if stopped():
            raise LookupError
    run(model, taken, seconds=60, workers=1, check=check, told=lambda *_: None)

try:
    watched(work)
except LookupError:
    print("stopped cleanly")
"""
"""A search that CP-SAT does not end within a minute, in a thread as the commands have it."""


def test_ctrl_c_in_the_middle_of_a_search_stops_it_and_aborts_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "stopped cleanly\n"), done.stderr


def test_nothing_better_than_the_answer_is_told_on_the_way_to_it() -> None:
    rng = np.random.default_rng(1)
    slots = [f"L{at}" for at in range(30)]
    rows = make_round(
        [student(f"P{at:02d}") for at in range(60)],
        [slot(name, capacity=5, min_group=4) for name in slots],
        wishes(**{f"P{at:02d}": rng.permutation(slots)[:5].tolist() for at in range(60)}),
        employers=[{"employer_id": "E1", "max_at_once": "30"}],  # which the flows that decide groups don't know
    )
    prepared = prepare(read(rows))
    part = max(prepared.split.parts, key=len)
    heard: list[tuple[str, int, int]] = []
    answer = solve_one(prepared, part, seconds=2.0, progress=lambda *told: heard.append(told), exact_pairs=10)
    names = ["students", "placements", "priority", "rank_cost", "minutes", "lottery"]
    for name, value, _ in heard:
        level = names.index(name)
        assert answer.values[:level] == answer.bounds[:level], (name, value, answer)
        assert value <= answer.values[level] if name in MAXIMISED else answer.values[level] <= value, (
            name,
            value,
            answer,
        )


@pytest.mark.parametrize("places", [1, 2])
def test_no_more_placements_are_held_possible_than_the_students_who_may_be_placed_can_have(places: int) -> None:
    unproven = 0
    for seed in range(3):
        rng = np.random.default_rng(seed)
        slots = [f"L{at}" for at in range(20)]
        days = ["2027-06-07", "2027-06-08", "2027-06-07;2027-06-08"]
        rows = make_round(
            [student(f"P{at:02d}", school_id=f"S{at % 2}") for at in range(50)],
            [slot(name, capacity=5, min_group=4, single_school="true", dates=days[at % 3])
             for at, name in enumerate(slots)],
            wishes(**{f"P{at:02d}": rng.permutation(slots)[:6].tolist() for at in range(50)}),
        )  # fmt: skip
        hours = itertools.count(0.0, 3600.0)
        solved = solve(
            read(rows, Policy(places_per_student=places)), clock=partial(next, hours)
        )  # the time is up at once
        assert isinstance(solved, Solved)
        levels = {level.name: level for level in solved.levels}
        students, placements = levels["students"], levels["placements"]
        unproven += students.value != students.bound
        assert placements.value <= placements.bound <= students.bound * places
    assert unproven
