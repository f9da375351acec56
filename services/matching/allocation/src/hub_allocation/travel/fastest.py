"""The fastest way to each slot: the round's table, a provider where it has no row, the best of a student's modes."""

from dataclasses import dataclass

import numpy as np

from hub_allocation.instance import NONE, Flags, Instance, Ints
from hub_allocation.travel.provider import MODES, Question, TravelProvider
from hub_allocation.travel.table import TableProvider

_LATE = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Trips:
    """For each pair: minutes and mode (index into TRAVEL_MODES) of the fastest way, NONE where there is none."""

    minutes: Ints
    mode: Ints
    estimated: Flags


def fastest(instance: Instance, student: Ints, slot: Ints, *, provider: TravelProvider | None) -> Trips:
    """Find the fastest of each student's modes to each slot.

    Args:
        instance: the round.
        student: P student indexes.
        slot: P slot indexes.
        provider: asked where travel.csv has no row for the two postcodes; None asks nobody.

    Returns:
        P trips. Virtual slots take 0 minutes and no mode. Equal minutes: the earlier of TRAVEL_MODES.
    """
    count = len(student)
    minutes = np.full(count, NONE, dtype=np.int32)
    mode = np.full(count, NONE, dtype=np.int32)
    estimated = np.zeros(count, dtype=bool)
    virtual = instance.slots.virtual[slot]
    minutes[virtual] = 0
    origin, destination = instance.students.home[student], instance.slots.place[slot]
    travels = np.flatnonzero(~virtual & (origin != NONE) & (destination != NONE))
    journey = origin[travels].astype(np.int64) * len(instance.postcodes) + destination[travels]
    distinct, which = np.unique(journey, return_inverse=True)
    answers, guessed = _ask(instance, distinct, provider)
    offered = answers[which]
    usable = ((instance.students.modes[student[travels]][:, None] >> np.arange(MODES)) & 1).astype(bool)
    offered = np.where(usable & (offered != NONE), offered, _LATE)
    best = offered.argmin(axis=1)
    least = offered[np.arange(len(travels)), best] if len(travels) else np.zeros(0, dtype=np.int32)
    found = least != _LATE
    minutes[travels[found]] = least[found]
    mode[travels[found]] = best[found]
    estimated[travels] = guessed[which]
    return Trips(minutes, mode, estimated)


def _ask(instance: Instance, journeys: "np.ndarray", provider: TravelProvider | None) -> "tuple[Ints, Flags]":
    count = max(1, len(instance.postcodes))

    def question(of: "np.ndarray") -> Question:
        return Question(
            instance.postcodes, instance.latitude, instance.longitude,
            (of // count).astype(np.int32), (of % count).astype(np.int32),
        )  # fmt: skip

    answers = TableProvider(instance.journeys).minutes(question(journeys))
    guessed = np.zeros(len(journeys), dtype=bool)
    missing = np.flatnonzero((answers == NONE).all(axis=1))
    if provider is not None and len(missing):
        answers[missing] = provider.minutes(question(journeys[missing]))
        guessed[missing] = provider.estimate & (answers[missing] != NONE).any(axis=1)
    return answers, guessed
