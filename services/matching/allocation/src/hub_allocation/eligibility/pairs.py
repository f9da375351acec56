"""Every pair of student and slot that is ranked, wished for by sector, or pinned, with the rules it breaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.eligibility.rules import CODES, RULES
from hub_allocation.instance import NONE, Flags, Instance, Ints
from hub_allocation.travel.estimate import EstimateProvider
from hub_allocation.travel.fastest import fastest
from hub_allocation.travel.provider import TravelProvider

_CHUNK = 2_000_000
NO_MODE, NO_TIME, TOO_FAR = (CODES.index(code) for code in ("no_travel_mode", "no_travel_time", "too_far"))


@dataclass(frozen=True, slots=True)
class Pairs:
    """P pairs, ordered by student, then rank, then slot."""

    student: Ints
    slot: Ints
    rank: Ints
    """1 is best; 0 stands for a pin that the student neither ranked nor is interested in."""
    ranked: Flags
    """Whether preferences.csv has it."""
    pinned: Flags
    minutes: Ints
    """By the fastest of the student's modes; 0 when virtual; NONE when unknown."""
    mode: Ints
    """Index into TRAVEL_MODES; NONE when virtual or unknown."""
    estimated: Flags
    broken: NDArray[np.uint16]
    """Bit k: breaks rules.CODES[k]."""

    def __len__(self) -> int:
        return len(self.student)

    @property
    def feasible(self) -> Flags:
        """Which pairs break no rule."""
        return np.asarray(self.broken == 0)

    def at(self, chosen: "NDArray[np.int64] | Flags") -> "Pairs":
        """The pairs at these places."""
        return Pairs(*(getattr(self, name)[chosen] for name in self.__slots__))


def find_pairs(instance: Instance, *, provider: TravelProvider | None = None) -> Pairs:
    """Judge every ranked pair and every pin, and add the feasible pairs that interests admit.

    Args:
        instance: the round.
        provider: asked for journeys that travel.csv lacks when the policy says travel = "auto";
            None takes the estimate from postcodes.csv.
    """
    asked = (provider or EstimateProvider()) if instance.policy.travel == "auto" else None
    ranked = len(instance.wish_student)
    parts = [_judge(instance, *_ranked_and_pinned(instance), ranked=ranked, provider=asked)]
    if instance.policy.use_interests:
        for student, slot, rank in _interests(instance):
            found = _judge(instance, student, slot, rank, ranked=0, provider=asked)
            parts.append(found.at(found.feasible))
    merged = Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in Pairs.__slots__))
    return merged.at(np.lexsort((merged.slot, merged.rank, merged.student)))


def journeys_without_time(instance: Instance, pairs: Pairs) -> list[tuple[str, str]]:
    """Name the journeys (from, to) that kept a pair out because nobody knows how long they take, each once."""
    unknown = np.flatnonzero((pairs.broken >> NO_TIME) & 1)
    home, place = instance.students.home[pairs.student[unknown]], instance.slots.place[pairs.slot[unknown]]
    names = [*instance.postcodes, "an unknown postcode"]  # NONE, -1, finds the last
    return [(names[a], names[b]) for a, b in sorted(set(zip(home.tolist(), place.tolist(), strict=True)))]


def _ranked_and_pinned(instance: Instance) -> tuple[Ints, Ints, Ints]:
    student, slot, rank = instance.wish_student, instance.wish_slot, instance.wish_rank
    pins = np.flatnonzero(instance.students.pinned != NONE).astype(np.int32)
    if not len(pins):
        return student, slot, rank
    count = max(1, len(instance.slots))
    wished = student.astype(np.int64) * count + slot
    new = pins[~np.isin(pins.astype(np.int64) * count + instance.students.pinned[pins], wished)]
    added = np.array([_interest_rank(instance, int(who)) for who in new], dtype=np.int32)
    slot = np.concatenate([slot, instance.students.pinned[new]])
    return np.concatenate([student, new]), slot, np.concatenate([rank, added])


def _judge(
    instance: Instance, student: Ints, slot: Ints, rank: Ints, *, ranked: int, provider: TravelProvider | None
) -> Pairs:
    broken = np.zeros(len(student), dtype=np.uint16)
    for bit, rule in enumerate(RULES):
        if len(student):
            broken |= rule(instance, student, slot).astype(np.uint16) << bit
    trips = fastest(instance, student, slot, provider=provider)
    no_mode = ~instance.slots.virtual[slot] & (instance.students.modes[student] == 0)
    no_time = (trips.minutes == NONE) & ~no_mode
    too_far = ~instance.slots.virtual[slot] & (trips.minutes > instance.students.limit[student])
    for bit, flags in ((NO_MODE, no_mode), (NO_TIME, no_time), (TOO_FAR, too_far)):
        broken |= flags.astype(np.uint16) << bit
    pinned = instance.students.pinned[student] == slot
    from_list = np.arange(len(student)) < ranked
    return Pairs(student, slot, rank, from_list, pinned, trips.minutes, trips.mode, trips.estimated, broken)


def _last_ranks(instance: Instance) -> Ints:
    last = np.zeros(len(instance.students), dtype=np.int32)
    np.maximum.at(last, instance.wish_student, instance.wish_rank)
    return last


def _interest_rank(instance: Instance, student: int) -> int:
    """The rank that use_interests gives a pin the student did not rank; 0 when it gives none."""
    interests = instance.students.interests[student]
    sector = instance.slots.sector[int(instance.students.pinned[student])]
    if not instance.policy.use_interests or sector not in interests:
        return 0
    return int(instance.wish_rank[instance.wish_student == student].max(initial=0)) + interests.index(sector) + 1


def _interests(instance: Instance) -> "list[tuple[Ints, Ints, Ints]]":
    """Unranked, unpinned pairs whose sector is among the student's interests, in pieces of bounded size."""
    sectors = instance.slots.sector
    of_sector = {name: np.flatnonzero(sectors.codes == code) for code, name in enumerate(sectors.values) if name}
    last = _last_ranks(instance)
    starts = np.searchsorted(instance.wish_student, np.arange(len(instance.students) + 1))
    pieces: list[tuple[Ints, Ints, Ints]] = []
    piece: list[tuple[Ints, Ints, Ints]] = []
    size = 0
    for student in range(len(instance.students)):
        known = instance.wish_slot[starts[student] : starts[student + 1]]
        known = np.append(known, instance.students.pinned[student])
        interests = instance.students.interests[student]
        for place, name in enumerate(interests, start=1):
            if name not in of_sector or name in interests[: place - 1]:
                continue
            slots = np.setdiff1d(of_sector[name], known).astype(np.int32)
            ranks = np.full(len(slots), last[student] + place, dtype=np.int32)
            piece.append((np.full(len(slots), student, dtype=np.int32), slots, ranks))
            size += len(slots)
        if size > _CHUNK:
            pieces.append(_joined(piece))
            piece, size = [], 0
    return [*pieces, _joined(piece)] if piece else pieces


def _joined(parts: list[tuple[Ints, Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]
