"""Solves random rounds of every kind and prints what their result's bytes hash to: another process must print the same.

python -m tests.unit.allocation.digests FIRST COUNT FORM WORKERS, where FORM is a way of handing the same rows over.
"""

import hashlib
import io
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from hub_allocation.change import read_before
from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import BadInput, Infeasible
from hub_allocation.folder import read_files
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.result import make_result
from hub_allocation.solve import Solved, solve
from hub_allocation.stopwatch import Stopwatch
from tests.bench.allocation_instances import write_round
from tests.support.oracle.generated import DEFAULTS, EMPLOYER_WEEK, RULES, generated
from tests.unit.allocation.rounds import csv_files, still

FORMS = ("csv", "shuffled csv", "shuffled parquet")
KINDS = ("balanced", "rank_maximal", "stable", "large")
STABLE_RULES = ("eligibility", "interests")
Files = dict[str, bytes]


def round_of(kind: str, seed: int) -> tuple[Files, Policy]:
    """One round as CSV files: a few students under any of the rules, or hundreds under a network's."""
    if kind == "large":
        with tempfile.TemporaryDirectory() as folder:
            write_round(Path(folder), students=120 + seed % 180, slots=40, wishes=6, seed=seed)
            files = read_files(Path(folder))
        return files, Policy.from_mapping({**DEFAULTS, "objective": KINDS[seed % 2]})
    rng = random.Random(f"{kind} {seed}")  # noqa: S311 -- no secret
    rules = STABLE_RULES if kind == "stable" else [rule for rule in (*RULES, EMPLOYER_WEEK) if rng.random() < 0.3]
    made = generated(seed, objective=kind, rules=rules, most_students=24, most_slots=9)
    policy = made.policy | ({"variety": "off"} if kind == "stable" else {})
    return csv_files(made.rows), Policy.from_mapping(policy)


def in_form(files: Files, form: str, seed: int) -> Files:
    """The same rows in another order, or another format."""
    if form == "csv":
        return files
    rng = random.Random(seed)  # noqa: S311 -- no secret
    found = {}
    for name, data in files.items():
        frame = pl.read_csv(data, infer_schema=False)
        out = io.BytesIO()
        mixed = frame[rng.sample(range(len(frame)), len(frame))]
        (mixed.write_parquet if "parquet" in form else mixed.write_csv)(out)
        found[name] = out.getvalue()
    return found


def results(kind: str, seed: int, *, form: str, workers: int) -> Iterator[Files]:
    """What is written for the round, and for change runs after somebody who got a place has withdrawn from it."""
    files, policy = round_of(kind, seed)
    first = _solved(read_instance(in_form(files, form, seed), policy), workers=workers)
    if first is None:
        yield {"allocations.csv": b"infeasible"}
        return
    yield first
    placed = first["allocations.csv"].decode().splitlines()[1:]
    if not placed or kind == "stable":
        return
    gone = placed[seed % len(placed)].split(",")[0]
    left = {name: _without(data, gone) for name, data in files.items()}
    for frozen in (False, True):
        instance = read_instance(in_form(left, form, seed), policy)
        yield _solved(instance, workers=workers, stood=first["allocations.csv"], frozen=frozen) or {}


def _without(data: bytes, student: str) -> bytes:
    """A table without the rows of a student, who is nobody's companion any more."""
    frame = pl.read_csv(data, infer_schema=False)
    if "student_id" in frame.columns:
        frame = frame.filter(pl.col("student_id") != student)
    if "companion_id" in frame.columns:
        frame = frame.with_columns(pl.col("companion_id").replace({student: None}))
    return frame.write_csv().encode()


def _solved(instance: Instance, *, workers: int, stood: bytes | None = None, frozen: bool = False) -> Files | None:
    """The files of a result; None where nothing is feasible."""
    before = None if stood is None else read_before(instance, find_pairs(instance), stood, frozen=frozen)
    try:
        outcome = solve(
            instance, clock=still, workers=workers, standing=None if before is None else before.standing.holds,
            fixed=None if before is None else before.fixed,
        )  # fmt: skip
    except (BadInput, Infeasible):
        return None
    assert isinstance(outcome, Solved)
    standing = None if before is None else before.standing
    return make_result(outcome, watch=Stopwatch(still), standing=standing).files()


def main() -> None:
    """Print a line for each file of each result."""
    first, count, form, workers = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    for seed in range(first, first + count):
        for kind in KINDS:
            for at, files in enumerate(results(kind, seed, form=form, workers=workers)):
                for name, data in sorted(files.items()):
                    print(kind, seed, at, name, hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main()
