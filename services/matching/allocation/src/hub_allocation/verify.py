"""Rechecks a result against its input without the solver: every rule, every level, every file and the proof.

Uses numpy and polars only, in time linear in the pairs (apart from sorting), and gives each reason for a refusal.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hub_allocation import __version__
from hub_allocation.certificate import read_certificate
from hub_allocation.eligibility import Pairs, broken_rules, find_pairs
from hub_allocation.errors import BadInput
from hub_allocation.explain import explanation_lines
from hub_allocation.folder import read_files, read_folder_policy
from hub_allocation.instance import NONE, Instance, Longs
from hub_allocation.levels import level_values
from hub_allocation.lottery import draws
from hub_allocation.optimality import better_exchange, price_faults
from hub_allocation.outcome import (
    ALLOCATION_HEADER,
    UNPLACED_HEADER,
    csv_bytes,
    placements_of,
    sizes,
    unplaced_reasons,
)
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_allocation.travel.provider import TravelProvider

FILES = ("allocations.csv", "unplaced.csv", "explanations.jsonl", "certificate.csv", "run.json")
RUN_KEYS = ("status", "levels", "gap", "sizes", "seconds", "peak_rss_mb", "input_sha256", "policy", "version")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier says: accepted, or the reasons why not."""

    reasons: tuple[str, ...]
    status: str
    placements: int
    levels: dict[str, int]
    """The levels as recomputed here; empty when it did not come to that."""
    input_sha256: str

    @property
    def accepted(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.reasons


class _Refused(Exception):
    """Nothing further can be checked."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


def verify_folder(input_folder: Path, output_folder: Path, *, policy_file: Path | None = None) -> Verdict:
    """Verify a result's folder against its round's folder, under the policy that run.json states.

    Args:
        input_folder: the round.
        output_folder: the result.
        policy_file: if given, the result must have been made under this policy.

    Raises:
        BadInput: the round itself can't be read.
    """
    files = read_files(input_folder)
    output = {name: (output_folder / name).read_bytes() for name in FILES if (output_folder / name).is_file()}
    stated = _stated_policy(output)
    if stated is None:
        return Verdict(("run.json: is missing or states no readable policy",), "", 0, {}, "")
    if policy_file is not None and read_folder_policy(input_folder, policy_file) != stated:
        return Verdict((f"run.json: was not made under {policy_file.name}",), "", 0, {}, "")
    return verify(read_instance(files, stated), output)


def verify(instance: Instance, output: Mapping[str, bytes], *, provider: TravelProvider | None = None) -> Verdict:
    """Verify a result's files, by name, against the instance they claim to solve.

    Args:
        instance: the round, read under the policy it was to be solved under.
        output: the bytes of each of FILES.
        provider: travel times where travel.csv has none; None takes the estimate, as solving does.
    """
    status, placements, levels = "", 0, {}
    try:
        run = _run(output)
        status = str(run["status"])
        reasons = _account_faults(instance, run)
        pairs = find_pairs(instance, provider=provider)
        chosen = _chosen(instance, pairs, output["allocations.csv"])
        placements = len(chosen)
        reasons += limit_faults(instance, pairs, chosen)
        levels = _levels(instance, pairs, chosen)
        reasons += _level_faults(run, levels)
        reasons += _file_faults(instance, pairs, chosen, output=output, run=run)
        if not reasons:
            reasons = _proof_faults(instance, pairs, chosen, output["certificate.csv"])
    except _Refused as refused:
        reasons = list(refused.reasons)
    return Verdict(tuple(reasons), status, placements, levels, instance.input_sha256)


def limit_faults(instance: Instance, pairs: Pairs, chosen: Longs) -> list[str]:
    """List every limit these placements break, and every pin they leave out."""
    slots, students = instance.slots, instance.students
    who, what = pairs.student[chosen], pairs.slot[chosen]
    faults = []
    for again in np.flatnonzero(np.bincount(who, minlength=len(students)) > instance.policy.places_per_student):
        faults.append(f"allocations.csv: {students.ids[again]} has more than one placement")
    taken = np.bincount(what, minlength=len(slots))
    for at in np.flatnonzero(taken > slots.capacity):
        faults.append(f"allocations.csv: {slots.ids[at]} has {taken[at]} students and {slots.capacity[at]} seats")
    low = np.bincount(what[students.priority[who] < instance.policy.reserved_priority], minlength=len(slots))
    for at in np.flatnonzero((low > slots.capacity - slots.reserved) & (slots.reserved > 0)):
        faults.append(f"allocations.csv: {slots.ids[at]} gives {low[at]} students seats that are reserved")
    width = len(students.school.values)
    share, count = np.unique(what.astype(np.int64) * width + students.school.codes[who], return_counts=True)
    most = slots.max_per_school[share // max(1, width)]
    for at in np.flatnonzero((most != NONE) & (count > most)):
        slot, school = slots.ids[share[at] // width], students.school.values[share[at] % width]
        faults.append(f"allocations.csv: {slot} has {count[at]} students of school {school}, limit {most[at]}")
    for at in np.setdiff1d(np.flatnonzero(pairs.pinned), chosen):
        faults.append(f"allocations.csv: the pin of {students.ids[pairs.student[at]]} is not kept")
    return faults


def _stated_policy(output: Mapping[str, bytes]) -> Policy | None:
    try:
        return Policy.from_mapping(json.loads(output["run.json"])["policy"])
    except (KeyError, TypeError, ValueError, AttributeError, BadInput):
        return None


def _run(output: Mapping[str, bytes]) -> dict[str, Any]:
    missing = [name for name in FILES if name not in output]
    if missing:
        raise _Refused(*(f"{name}: is missing" for name in missing))
    try:
        run = json.loads(output["run.json"])
    except ValueError:
        raise _Refused("run.json: is not JSON") from None
    if not isinstance(run, dict) or tuple(run) != RUN_KEYS:
        raise _Refused(f"run.json: does not have exactly the keys {', '.join(RUN_KEYS)}")
    if run["status"] != "optimal":
        raise _Refused(f"run.json: the status is {run['status']!r}, and only an optimum can be proven")
    return run


def _account_faults(instance: Instance, run: dict[str, Any]) -> list[str]:
    faults = []
    if run["input_sha256"] != instance.input_sha256:
        faults.append(f"run.json: solved input {run['input_sha256']}, this is {instance.input_sha256}")
    if run["policy"] != instance.policy.as_dict():
        faults.append("run.json: was made under another policy")
    if run["version"] != __version__:
        faults.append(f"run.json: was made by version {run['version']}, this is {__version__}")
    if run["gap"] != 0:
        faults.append(f"run.json: an optimum has no gap, here it is {run['gap']}")
    return faults


def _chosen(instance: Instance, pairs: Pairs, data: bytes) -> Longs:
    """The pairs that allocations.csv names; refuses unknown ids, pairs that are not feasible, and wrong figures."""
    rows = _rows("allocations.csv", data, ALLOCATION_HEADER)
    student_at = {name: at for at, name in enumerate(instance.students.ids)}
    slot_at = {name: at for at, name in enumerate(instance.slots.ids)}
    count = max(1, len(instance.slots))
    keys = pairs.student.astype(np.int64) * count + pairs.slot
    place_of = dict(zip(keys.tolist(), range(len(keys)), strict=True))
    reasons, chosen = [], []
    for number, row in enumerate(rows, start=2):
        who, what = student_at.get(row[0]), slot_at.get(row[1])
        place = None if who is None or what is None else place_of.get(who * count + what)
        if place is None:
            reasons.append(f"allocations.csv:{number}: {row[0]} and {row[1]} are no pair of this round")
        elif pairs.broken[place]:
            why = "; ".join(rule.text for rule in broken_rules(instance, pairs, place))
            reasons.append(f"allocations.csv:{number}: {row[0]} may not have {row[1]}: {why}")
        else:
            chosen.append(place)
    if reasons:
        raise _Refused(*reasons)
    at = np.array(chosen, dtype=np.int64)
    expected = [placement.cells() for placement in placements_of(instance, pairs, at)]
    for number, (row, right) in enumerate(zip(rows, expected, strict=True), start=2):
        if row != right:
            reasons.append(f"allocations.csv:{number}: says {','.join(row)}, expected {','.join(right)}")
    if len(np.unique(at)) != len(at):
        reasons.append("allocations.csv: names a pair twice")
    if reasons:
        raise _Refused(*reasons)
    return np.sort(at)


def _levels(instance: Instance, pairs: Pairs, chosen: Longs) -> dict[str, int]:
    names = zip(pairs.student[chosen].tolist(), pairs.slot[chosen].tolist(), strict=True)
    ids = [(instance.students.ids[who], instance.slots.ids[what]) for who, what in names]
    drawn = int(draws(instance.policy.lottery_seed, ids).sum())
    return {level.name: level.value for level in level_values(instance, pairs, chosen, drawn=drawn)}


def _level_faults(run: dict[str, Any], levels: dict[str, int]) -> list[str]:
    right = [{"name": name, "value": value, "bound": value} for name, value in levels.items()]
    if run["levels"] == right:
        return []
    return [f"run.json: levels are {json.dumps(run['levels'])}, recomputed {json.dumps(right)}"]


def _file_faults(
    instance: Instance, pairs: Pairs, chosen: Longs, *, output: Mapping[str, bytes], run: dict[str, Any]
) -> list[str]:
    """Whether the files agree with each other to the byte."""
    placements = placements_of(instance, pairs, chosen)
    unplaced = unplaced_reasons(instance, pairs, chosen)
    lines = explanation_lines(instance, pairs, chosen, reasons=dict(unplaced))
    right = {
        "allocations.csv": csv_bytes(ALLOCATION_HEADER, (placement.cells() for placement in placements)),
        "unplaced.csv": csv_bytes(UNPLACED_HEADER, unplaced),
        "explanations.jsonl": "".join(line + "\n" for line in lines).encode(),
    }
    faults = [
        f"{name}: {_first_difference(output[name], data)}" for name, data in right.items() if output[name] != data
    ]
    if run["sizes"] != sizes(instance, pairs, placements=len(placements), unplaced=len(unplaced)):
        faults.append("run.json: the sizes are not those of this round and result")
    return faults


def _proof_faults(instance: Instance, pairs: Pairs, chosen: Longs, data: bytes) -> list[str]:
    schools = instance.students.school.values
    try:
        certificate = read_certificate(data, slot_ids=instance.slots.ids, school_ids=schools)
    except (ValueError, csv.Error) as error:
        return [f"certificate.csv: {error}"]
    faults = price_faults(instance, pairs, chosen, certificate)
    if not faults and (found := better_exchange(instance, pairs, chosen, certificate)):
        faults = [f"certificate: does not prove an optimum: {found} would be cheaper"]
    return faults


def _rows(name: str, data: bytes, header: tuple[str, ...]) -> list[tuple[str, ...]]:
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _Refused(f"{name}: can't be read: {error}") from None
    if not rows or rows[0] != header or any(len(row) != len(header) for row in rows):
        raise _Refused(f"{name}: does not have the columns {','.join(header)} in every row")
    return rows[1:]


def _first_difference(found: bytes, right: bytes) -> str:
    for number, (ours, theirs) in enumerate(zip(right.split(b"\n"), found.split(b"\n"), strict=False), start=1):
        if ours != theirs:
            return f"line {number} is {theirs[:120]!r}, expected {ours[:120]!r}"
    return "has lines missing or too many"
