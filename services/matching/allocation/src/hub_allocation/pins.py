"""Placements fixed by the hub: each must be a feasible pair, and all of them must hold together."""

from collections import defaultdict

import numpy as np

from hub_allocation.eligibility import Pairs, broken_rules
from hub_allocation.errors import InputError
from hub_allocation.instance import NONE, Instance

_COLUMN = "pinned_slot_id"


def pin_errors(instance: Instance, pairs: Pairs) -> list[InputError]:
    """List what is wrong with the pins, naming both sides; empty when all of them can hold."""
    pinned = np.flatnonzero(pairs.pinned)
    errors = [_infeasible(instance, pairs, int(at)) for at in pinned[~pairs.feasible[pinned]]]
    by_slot: dict[int, list[int]] = defaultdict(list)
    for at in pinned:
        by_slot[int(pairs.slot[at])].append(int(pairs.student[at]))
    for slot, students in sorted(by_slot.items()):
        errors += _crowded(instance, slot, students)
    return errors


def _infeasible(instance: Instance, pairs: Pairs, at: int) -> InputError:
    student, slot = int(pairs.student[at]), int(pairs.slot[at])
    reasons = "; ".join(rule.text for rule in broken_rules(instance, pairs, at))
    what = f"{instance.students.ids[student]} can't be pinned to {instance.slots.ids[slot]}: {reasons}"
    return InputError("students.csv", int(instance.students.rows[student]), _COLUMN, what, "change the pin or the rule")


def _crowded(instance: Instance, slot: int, students: list[int]) -> list[InputError]:
    slots, name = instance.slots, instance.slots.ids[slot]
    capacity, reserved = int(slots.capacity[slot]), int(slots.reserved[slot])
    errors = []
    if len(students) > capacity:
        errors.append(_too_many(instance, students, slot, f"{name} has {capacity} seats"))
    low = [who for who in students if instance.students.priority[who] < instance.policy.reserved_priority]
    if reserved and len(low) > capacity - reserved:
        said = f"{name} has {capacity - reserved} seats that are not reserved"
        errors.append(_too_many(instance, low, slot, said))
    most = int(slots.max_per_school[slot])
    of_school: dict[str, list[int]] = defaultdict(list)
    for who in students:
        of_school[instance.students.school[who]].append(who)
    for school, group in sorted(of_school.items()):
        if most != NONE and len(group) > most:
            errors.append(_too_many(instance, group, slot, f"{name} takes {most} of one school ({school})"))
    return errors


def _too_many(instance: Instance, students: list[int], slot: int, limit: str) -> InputError:
    ids = ", ".join(instance.students.ids[who] for who in students)
    row = max(int(instance.students.rows[who]) for who in students)
    what = f"{limit} (slots.csv:{instance.slots.rows[slot]}) and {len(students)} students are pinned to it: {ids}"
    return InputError("students.csv", row, _COLUMN, what, "take a pin away or raise the limit")
