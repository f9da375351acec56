"""Student-optimal stable matchings: our time, and the ``matching`` package's where it can run.

python -m tests.bench.stable --large
"""

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
from matching.games import HospitalResident
from rich.console import Console
from rich.table import Table

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Instance, Slots, Students
from hub_allocation.objectives.stable import Lists, match, preference_lists, stable_matching
from hub_allocation.policy import Policy
from hub_allocation.proof.stability import better_ring, blocking_pairs
from hub_allocation.reading.columns import Coded

WISHES = 10
NEIGHBOURS = 200
"""Slots that a student's region offers; the first of them are the most popular."""


def market(students: int, slots: int, *, seed: int = 1) -> tuple[Instance, Pairs]:
    """A round in memory, all its pairs feasible: skewed popularity, seats as many as students, five priorities."""
    rng = np.random.default_rng(seed)
    near = min(NEIGHBOURS, slots)
    region = rng.integers(0, max(1, slots // near), students)
    wanted = (near * rng.random((students, 3 * WISHES)) ** 2).astype(np.int64)
    order = np.argsort(wanted, axis=1, kind="stable")
    rising = np.take_along_axis(wanted, order, axis=1)
    again = np.zeros_like(wanted, dtype=bool)
    np.put_along_axis(again, order[:, 1:], rising[:, 1:] == rising[:, :-1], axis=1)
    place = np.cumsum(~again, axis=1)
    kept = ~again & (place <= WISHES)
    student, column = np.nonzero(kept)
    count = len(student)
    slot = ((region[student] * near + wanted[student, column]) % slots).astype(np.int32)
    pairs = Pairs(
        student.astype(np.int32), slot, place[kept].astype(np.int32), np.ones(count, bool), np.zeros(count, bool),
        rng.integers(5, 61, count).astype(np.int32), np.zeros(count, np.int32), np.zeros(count, bool),
        np.zeros(count, np.uint16),
    )  # fmt: skip
    capacity = np.bincount(rng.integers(0, slots, students), minlength=slots).astype(np.int64)
    return _instance(rng, students, capacity), pairs


def _instance(rng: np.random.Generator, students: int, capacity: "np.ndarray") -> Instance:
    slots = len(capacity)

    def one(count: int, value: Any) -> Coded[Any]:
        return Coded(np.zeros(count, np.int32), [value])

    def zeros(count: int) -> "np.ndarray":
        return np.zeros(count, np.int64)

    people = Students(
        [f"P{at:06d}" for at in range(students)], np.arange(students) + 2, one(students, "S"), zeros(students),
        zeros(students), np.zeros(students, np.int32), zeros(students), zeros(students), one(students, ()),
        one(students, ()), rng.choice([0, 0, 0, 100, 350], students), one(students, ()), one(students, ()),
        one(students, ()), np.full(students, NONE, np.int32), np.full(students, NONE, np.int32),
    )  # fmt: skip
    offered = Slots(
        [f"L{at:06d}" for at in range(slots)], np.arange(slots) + 2, one(slots, "E"), [""] * slots, one(slots, ""),
        np.zeros(slots, bool), np.zeros(slots, np.int32), one(slots, ()), capacity, zeros(slots),
        np.full(slots, NONE), np.zeros(slots, bool), zeros(slots), zeros(slots), one(slots, ()), zeros(slots),
    )  # fmt: skip
    none = np.zeros(0, np.int32)
    return Instance(
        Policy(objective="stable"), people, offered, [], np.zeros(0), np.zeros(0), None,  # type: ignore[arg-type]
        np.full(1, NONE), np.full(1, NONE), none, none, none, "", {}, (),
    )  # fmt: skip


def ours(students: int, slots: int) -> dict[str, Any]:
    """Seconds of preparing the lists, of the matching itself (the best of three), and of proving it."""
    instance, pairs = market(students, slots)
    began = time.perf_counter()
    lists = preference_lists(instance, pairs)
    prepared = time.perf_counter()
    matchings = []
    for _ in range(3):
        at = time.perf_counter()
        chosen = match(lists, instance.slots.capacity)
        matchings.append(time.perf_counter() - at)
    proving = time.perf_counter()
    if blocking_pairs(instance, pairs, chosen) or better_ring(instance, pairs, chosen):
        raise RuntimeError("not the student-optimal stable matching")
    proved = time.perf_counter()
    return {
        "students": students, "slots": slots, "prepare_s": prepared - began, "matching_s": min(matchings),
        "prove_s": proved - proving, "placed": len(chosen),
    }  # fmt: skip


def package(students: int, slots: int, *, depth: int | None = None) -> dict[str, Any]:
    """Seconds the ``matching`` package takes for the same lists, or how it ends; ours beside it must agree.

    It copies its players recursively: ``depth`` allows it more than Python's usual limit.
    """
    instance, pairs = market(students, slots)
    lists = preference_lists(instance, pairs)
    wants, likes = _as_dictionaries(lists)
    seats = {name: max(1, int(instance.slots.capacity[name])) for name in likes}
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(depth or usual)
    began = time.perf_counter()
    try:
        game = HospitalResident.create_from_dictionaries(wants, likes, seats)
        found = game.solve(optimal="resident")
    except RecursionError:
        return {"students": students, "slots": slots, "package_s": None, "ended": "RecursionError"}
    finally:
        sys.setrecursionlimit(usual)
    seconds = time.perf_counter() - began
    theirs = {(one.name, place.name) for place, people in found.items() for one in people}
    at = time.perf_counter()
    chosen = match(lists, np.maximum(1, instance.slots.capacity))
    mine_s = time.perf_counter() - at
    if theirs != set(zip(pairs.student[chosen].tolist(), pairs.slot[chosen].tolist(), strict=True)):
        raise RuntimeError("the package finds another matching")
    return {"students": students, "slots": slots, "package_s": seconds, "ours_s": mine_s, "ratio": seconds / mine_s}


def _as_dictionaries(lists: Lists) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    owner = np.repeat(np.arange(len(lists.start) - 1), np.diff(lists.start))
    wants: dict[int, list[int]] = {}
    for who, what in zip(owner.tolist(), lists.slot.tolist(), strict=True):
        wants.setdefault(who, []).append(what)
    likes: dict[int, list[int]] = {}
    order = np.lexsort((np.arange(len(owner)), lists.key, lists.slot))
    for who, what in zip(owner[order].tolist(), lists.slot[order].tolist(), strict=True):
        likes.setdefault(what, []).append(who)
    return wants, likes


def measure(*, large: bool = False) -> dict[str, Any]:
    """Ours at 18 000 x 4 500 (and 650 000 x 160 000 when large), the package at 500 and 2 000."""
    instance, pairs = market(20, 5)
    stable_matching(instance, pairs)  # compiles, or loads what is compiled
    sizes = [(18_000, 4_500), *([(650_000, 160_000)] if large else [])]
    return {
        "ours": [ours(students, slots) for students, slots in sizes],
        "package": [package(500, 125, depth=20_000), package(2_000, 500)],
    }


def main() -> None:
    """Print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 650 000 students and 160 000 slots")
    found = measure(large=parser.parse_args().large)
    table = Table("students", "slots", "lists s", "matching s", "proof s", title="stable")
    for row in found["ours"]:
        figures = [f"{row[key]:.4f}" for key in ("prepare_s", "matching_s", "prove_s")]
        table.add_row(f"{row['students']:,}", f"{row['slots']:,}", *figures)
    peer = Table("students", "slots", "matching package s", "ours s", "ratio", title="the matching package")
    for row in found["package"]:
        if row["package_s"] is None:
            peer.add_row(f"{row['students']:,}", f"{row['slots']:,}", row["ended"], "", "")
        else:
            figures = [f"{row['package_s']:.3f}", f"{row['ours_s']:.5f}", f"{row['ratio']:,.0f}"]
            peer.add_row(f"{row['students']:,}", f"{row['slots']:,}", *figures)
    Console().print(table, peer)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
