"""The proof: prices where the rules form a network, a bound elsewhere, no blocking pair for ``stable``."""

import csv
from dataclasses import dataclass, replace

import numpy as np

from hub_allocation.components.split import Split, split
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.levels import LOTTERY, Measure
from hub_allocation.proof.certificate import LIMITS, Certificate, certificate_bytes, no_prices, read_certificate
from hub_allocation.proof.limits import limits_beside
from hub_allocation.proof.optimality import Priced, Prices, sign
from hub_allocation.proof.stability import better_ring, blocking_pairs
from hub_allocation.verify.account import Stated, stated_levels
from hub_allocation.verify.case import Case
from hub_allocation.verify.placements import shortened
from hub_allocation.verify.recruit import Recruit, gain_faults

NAME = "certificate.csv"
_STUDENTS, _PLACEMENTS = "students", "placements"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the proof comes to."""

    faults: list[str]
    searched: int
    """On how many components it rests on the solver's search."""


def prove(case: Case, recruit: Recruit | None, *, earlier: bool = False) -> Proof:
    """Check the proof of placements that break no rule.

    Args:
        case: the result as far as it has been read.
        recruit: what recruit.csv says, if it is there.
        earlier: whether an earlier version wrote it: then the level ``placements`` may have no prices of its own.
    """
    instance, pairs = case.instance, case.pairs
    slots, schools = instance.slots.ids, instance.students.school.values
    names = (*(measure.name for measure in case.levels), LOTTERY)
    data = case.output[NAME]
    try:
        certificate = read_certificate(data, slot_ids=slots, school_ids=schools)
    except (ValueError, csv.Error) as error:
        return Proof([f"{NAME}: {error}"], 0)
    read = certificate
    if earlier and instance.policy.places_per_student == 1:
        certificate = _with_placements(certificate, names)
    if certificate.levels != names:
        return Proof([f"{NAME}: its levels are {', '.join(certificate.levels)}, not {', '.join(names)}"], 0)
    parts = split(instance, pairs)
    faults = _price_faults(instance, pairs, case.chosen, certificate, parts=parts)
    order = np.lexsort((certificate.school, certificate.limit, certificate.slot))
    written = certificate_bytes(read, slot_ids=slots, school_ids=schools)
    if not faults and (written != data or (np.diff(order) != 1).any()):
        faults = [f"{NAME}: is not written as certificates are"]
    if faults:
        return Proof(shortened(faults), 0)
    taken_out = case.taken_out()
    prices = Prices(
        instance, pairs, certificate, split=parts, levels=case.levels, taken_out=taken_out, drawn=case.drawn.of
    )
    priced = prices.judge(case.chosen)
    if priced.better:
        return Proof([f"{NAME}: does not prove an optimum: {priced.better} would be cheaper"], 0)
    faults = _bound_faults(priced, stated_levels(case.run), case.levels)
    if recruit is not None:
        faults += gain_faults(instance, pairs, recruit, certificate, parts=parts, taken_out=taken_out)
    return Proof(shortened(faults), priced.searched)


def prove_stable(case: Case, recruit: Recruit | None) -> Proof:
    """Check that no student and slot would rather have each other, and no stable matching is better for students."""
    instance, pairs = case.instance, case.pairs
    if case.output[NAME] != certificate_bytes(no_prices(()), slot_ids=[], school_ids=[]):
        return Proof([f"{NAME}: a stable matching has no prices"], 0)
    faults = blocking_pairs(instance, pairs, case.chosen)
    if not faults and (ring := better_ring(instance, pairs, case.chosen)):
        faults = [ring]
    faults = [f"allocations.csv: {fault}" for fault in faults]
    if recruit is not None:
        nothing = np.zeros(len(pairs), dtype=bool)
        faults += gain_faults(instance, pairs, recruit, None, parts=None, taken_out=nothing)
    return Proof(shortened(faults), 0)


def _with_placements(certificate: Certificate, names: tuple[str, ...]) -> Certificate:
    """Add the prices of ``placements`` that 0.1.0 left out: with one place a student they are those of ``students``.

    Nothing is taken on trust by this: whether prices prove anything is checked whatever they are.
    """
    if _PLACEMENTS not in names or certificate.levels != tuple(name for name in names if name != _PLACEMENTS):
        return certificate
    price = np.insert(certificate.price, names.index(_PLACEMENTS), certificate.price[:, names.index(_STUDENTS)], axis=1)
    return replace(certificate, levels=names, price=price)


def _price_faults(
    instance: Instance, pairs: Pairs, chosen: Longs, certificate: Certificate, *, parts: Split
) -> list[str]:
    """List prices that may not stand in a proof: negative, or of a limit that is not reached or does not exist."""
    slot_ids = instance.slots.ids
    limits = limits_beside(instance, pairs, chosen, groups=parts.groups)
    signs = sign(certificate.price)
    known = limits.exists(certificate)
    # Elsewhere a price may stand on a limit that is not reached: it makes the bound weaker, not wrong.
    network = np.ones(len(slot_ids), dtype=bool)
    for part in parts.parts:
        network[pairs.slot[part]] = False
    idle = (signs > 0) & (limits.left(certificate) != 0) & network[certificate.slot]
    faults = []
    for row in np.flatnonzero(~known | (signs < 0) | idle).tolist():
        limit, slot = LIMITS[certificate.limit[row]], slot_ids[certificate.slot[row]]
        if not known[row]:
            faults.append(f"{NAME}: {slot} has no limit {limit}")
        elif signs[row] < 0:
            faults.append(f"{NAME}: the price of {limit} at {slot} is negative")
        else:
            faults.append(f"{NAME}: {limit} at {slot} has a price and is not reached")
    return faults


def _bound_faults(priced: Priced, stated: Stated, levels: tuple[Measure, ...]) -> list[str]:
    """Whether each stated bound is at least as tight as what the prices prove, as far as they prove anything."""
    for level, (name, value, bound) in enumerate(stated):
        slack = sum(lost[level] - least[level] for lost, least in zip(priced.lost, priced.least, strict=True))
        maximise = level < len(levels) and levels[level].maximise
        proven = value + slack if maximise else value - slack
        if bound > proven if maximise else bound < proven:
            return [f"run.json: the bound of {name} is {bound}, and the prices prove {proven}"]
        if slack:
            break
    return []
