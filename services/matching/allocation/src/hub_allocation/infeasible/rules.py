"""The rules that can stand against each other when nothing is feasible, each named where its reader can mend it.

Leaving a slot empty breaks no rule, so only slots that somebody is fixed in matter, and who else could go there.
"""

from dataclasses import dataclass

import numpy as np

from hub_allocation.eligibility import Pairs
from hub_allocation.errors import InputError
from hub_allocation.instance import NONE, Flags, Instance, Longs

KINDS = (
    "pin", "stands", "companion", "min_group", "single_school", "max_per_school", "reserved", "max_at_once",
    "max_out_at_once", "capacity",
)  # fmt: skip
"""Between equally small sets, rules of an earlier kind are rather dropped."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one row: ``key`` is the pair, student, slot, employer or school it belongs to, as ``kind`` says."""

    kind: str
    key: int
    file: str
    row: int
    column: str
    text: str
    mend: str

    def line(self, against: "list[Rule]") -> InputError:
        """The rule, and the others it can't hold together with."""
        others = "; ".join(f"{rule.text} ({rule.file}:{rule.row})" if rule.row else rule.text for rule in against)
        what = f"{self.text}, which can't hold together with: {others}" if against else f"{self.text}: it can't hold"
        return InputError(self.file, self.row, self.column, what, self.mend)


def rules_at(instance: Instance, pairs: Pairs, near: Longs, *, fixed: Flags | None) -> list[Rule]:
    """Every rule that has to do with the pairs ``near``, in the order of KINDS, then of their keys."""
    slots = np.unique(pairs.slot[near]).tolist()
    students = np.unique(pairs.student[near])
    found = [_pin(instance, pairs, at) for at in near[pairs.pinned[near]].tolist()]
    if fixed is not None:
        found += [_stands(instance, pairs, at) for at in near[fixed[near] & ~pairs.pinned[near]].tolist()]
    companions = [one for one in students.tolist() if instance.students.companion[one] != NONE]
    firsts = sorted({min(one, int(instance.students.companion[one])) for one in companions})
    found += [_companion(instance, one) for one in firsts]
    for column, stated in _stated(instance).items():
        least = NONE if column == "max_per_school" else 0
        found += [_of_slot(instance, slot, column, int(stated[slot])) for slot in slots if stated[slot] > least]
    employers = np.unique(instance.slots.employer.codes[slots]).tolist()
    found += [_employer(instance, one) for one in employers if instance.employer_caps[one] != NONE]
    schools = np.unique(instance.students.school.codes[students]).tolist()
    found += [_school(instance, one) for one in schools if instance.school_caps[one] != NONE]
    return found + [_of_slot(instance, slot, "capacity", int(instance.slots.capacity[slot])) for slot in slots]


def _pin(instance: Instance, pairs: Pairs, at: int) -> Rule:
    who, what = int(pairs.student[at]), int(pairs.slot[at])
    text = f"{instance.students.ids[who]} is pinned to {instance.slots.ids[what]}"
    row = int(instance.students.rows[who])
    return Rule("pin", at, "students.csv", row, "pinned_slot_id", text, "take the pin away or change it")


def _stands(instance: Instance, pairs: Pairs, at: int) -> Rule:
    who, what = int(pairs.student[at]), int(pairs.slot[at])
    text = f"{instance.students.ids[who]} is to stay in {instance.slots.ids[what]}"
    return Rule("stands", at, "allocations.csv", 0, "slot_id", text, "let this placement change")


def _companion(instance: Instance, one: int) -> Rule:
    students = instance.students
    other = int(students.companion[one])
    text = f"{students.ids[one]} and {students.ids[other]} go together"
    return Rule("companion", one, "students.csv", int(students.rows[one]), "companion_id", text, "let them go apart")


def _stated(instance: Instance) -> dict[str, Longs]:
    """What the file states of each slot, also where its capacity makes it needless: the capacity may be dropped."""
    slots = instance.slots
    return {
        "min_group": slots.min_group, "single_school": slots.stated_single.astype(np.int64),
        "max_per_school": slots.stated_per_school, "reserved": slots.reserved,
    }  # fmt: skip


def _of_slot(instance: Instance, slot: int, column: str, value: int) -> Rule:
    name = instance.slots.ids[slot]
    text, mend = {
        "min_group": (f"{name} needs at least {value} students", "lower it"),
        "single_school": (f"{name} takes students of one school only", "open it to several schools"),
        "max_per_school": (f"{name} takes at most {value} of one school", "raise it"),
        "reserved": (f"{name} reserves {value} seats", "reserve fewer"),
        "capacity": (f"{name} has {value} seats", "raise it"),
    }[column]
    return Rule(column, slot, "slots.csv", int(instance.slots.rows[slot]), column, text, mend)


def _employer(instance: Instance, one: int) -> Rule:
    name, cap = instance.slots.employer.values[one], int(instance.employer_caps[one])
    text = f"the employer {name} takes at most {cap} students on a day"
    return Rule("max_at_once", one, "employers.csv", 0, "max_at_once", text, "raise it")


def _school(instance: Instance, one: int) -> Rule:
    name, cap = instance.students.school.values[one], int(instance.school_caps[one])
    text = f"the school {name} has at most {cap} students out on a day"
    return Rule("max_out_at_once", one, "schools.csv", 0, "max_out_at_once", text, "raise it")
