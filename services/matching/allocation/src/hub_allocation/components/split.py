"""Splits a round into connected components: those whose rules form a network, and each of the others on its own.

Two pairs are connected when they share a student or a slot, when their students are companions, and when a limit for a
day of their school or, on slots that share it, of their employer could bind. Components share nothing, so the best
allocation of the whole is the best of each, in every level.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.calendar import slot_days
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import NONE, Flags, Instance, Ints, Longs
from hub_allocation.proof.day_groups import DayGroups, day_groups


@dataclass(frozen=True, slots=True)
class Split:
    """The components of a round's feasible pairs."""

    network: Flags
    """The pairs (of P) in components whose rules form a network."""
    parts: tuple[Longs, ...]
    """The pairs of each other component, in order of their first pair; pinned ones among them."""
    component: Ints
    """For each pair, the component it belongs to; NONE for a pair that is not feasible. Numbered in order of pairs."""
    groups: DayGroups
    """The limits of employers for a day that bind in network components, where dates agree."""


def split(instance: Instance, pairs: Pairs) -> Split:
    """Split a round.

    A rule leaves the network when it is a minimum group, a single-school slot, companions, several places, a limit for
    a day that could bind (an employer's only where dates differ), or reserved seats together with a limit for each
    school on one slot.
    """
    feasible = np.flatnonzero(pairs.feasible)
    (groups, employers), schools = day_groups(instance, pairs), binding_schools(instance, pairs)
    label = _labels(
        instance, pairs.student[feasible], pairs.slot[feasible], groups=groups, employers=employers, schools=schools
    )
    component = np.full(len(pairs), NONE, dtype=np.int32)
    component[feasible] = _numbered(label[pairs.student[feasible]])
    other = _leaves_network(instance, pairs, feasible, employers=employers, schools=schools)
    apart = np.unique(component[feasible[other]])
    network = pairs.feasible & ~np.isin(component, apart)
    rest = np.flatnonzero(pairs.feasible & ~network)
    rest = rest[np.argsort(component[rest], kind="stable")]
    parts = np.split(rest, np.flatnonzero(np.diff(component[rest])) + 1) if len(rest) else []
    inside = np.zeros(len(instance.slots), dtype=bool)
    inside[pairs.slot[network]] = True
    return Split(network, tuple(parts), component, groups.within(inside))


def _leaves_network(instance: Instance, pairs: Pairs, feasible: Longs, *, employers: Flags, schools: Flags) -> Flags:
    """Which of the feasible pairs have to do with a rule that is no network's."""
    slots, students = instance.slots, instance.students
    both = (slots.reserved > 0) & (slots.max_per_school != NONE)
    of_slot = (slots.min_group > 0) | slots.single_school | both | employers[slots.employer.codes]
    of_student = (students.companion != NONE) | schools[students.school.codes]
    if instance.policy.places_per_student > 1:
        of_student = of_student | (np.bincount(pairs.student[feasible], minlength=len(students)) > 1)
    return np.asarray(of_slot[pairs.slot[feasible]] | of_student[pairs.student[feasible]])


def binding_employers(instance: Instance, pairs: Pairs) -> Flags:
    """Which employers' limits for a day could bind: some day has more seats that somebody may take."""
    slots = instance.slots
    may = np.bincount(pairs.slot[pairs.feasible], minlength=len(slots))
    seats = np.minimum(slots.capacity, may)
    busiest = np.zeros(len(slots.employer.values), dtype=np.int64)
    capped = instance.employer_caps != NONE
    if capped.any():
        days = slot_days(slots)
        slot = np.repeat(np.arange(len(slots)), np.diff(days.start))
        width = int(days.day.max(initial=0)) + 1
        key, at = np.unique(slots.employer.codes[slot].astype(np.int64) * width + days.day, return_inverse=True)
        total = np.bincount(at, weights=seats[slot], minlength=len(key)).astype(np.int64)
        np.maximum.at(busiest, key // width, total)
    return np.asarray(capped & (instance.employer_caps < busiest))


def binding_schools(instance: Instance, pairs: Pairs) -> Flags:
    """Which schools' limits for a day could bind: more of their students have a feasible pair."""
    able = np.zeros(len(instance.students), dtype=bool)
    able[pairs.student[pairs.feasible]] = True
    codes = instance.students.school.codes
    count = np.bincount(codes[able], minlength=len(instance.students.school.values))
    return np.asarray((instance.school_caps != NONE) & (instance.school_caps < count))


def _labels(
    instance: Instance, student: Ints, slot: Ints, *, groups: DayGroups, employers: Flags, schools: Flags
) -> Longs:
    """The least node each node is connected with; students first, then slots, employers and schools with limits."""
    students, slots = instance.students, instance.slots
    first_slot = len(students)
    first_employer = first_slot + len(slots)
    first_school = first_employer + len(employers)
    paired = np.flatnonzero(students.companion != NONE)
    of_employer = np.flatnonzero(employers[slots.employer.codes])
    of_school = np.flatnonzero(schools[students.school.codes])
    grouped = np.flatnonzero(groups.of_slot != NONE)
    tails = np.concatenate([
        student, paired, first_slot + of_employer, of_school, first_slot + grouped,
    ]).astype(np.int64)  # fmt: skip
    heads = np.concatenate([
        first_slot + slot, students.companion[paired], first_employer + slots.employer.codes[of_employer],
        first_school + students.school.codes[of_school], first_slot + groups.named()[grouped],
    ]).astype(np.int64)  # fmt: skip
    label = np.arange(first_school + len(schools), dtype=np.int64)
    while True:
        low = np.minimum(label[tails], label[heads])
        # Hanging whole trees below the smaller root, then halving every path, ends after a few rounds.
        np.minimum.at(label, label[tails], low)
        np.minimum.at(label, label[heads], low)
        while (label[label] != label).any():
            label = label[label]
        if (label[tails] == label[heads]).all():
            return label


def _numbered(labels: Longs) -> Ints:
    """The labels as 0, 1, 2 … in order of their least one."""
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)
