"""The draw that decides between equals: a number anybody can recompute from the published seed and two ids."""

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Ints, Longs


def draw(seed: str, student_id: str, slot_id: str) -> int:
    """The first 4 bytes, big-endian, of SHA-256(seed, student and slot, separated by line ends)."""
    return int.from_bytes(sha256(f"{seed}\n{student_id}\n{slot_id}".encode()).digest()[:4], "big")


def draws(seed: str, pairs: Iterable[tuple[str, str]]) -> NDArray[np.int64]:
    """The draw of each (student_id, slot_id)."""
    prefix = sha256(f"{seed}\n".encode())
    found = bytearray()
    for student_id, slot_id in pairs:
        state = prefix.copy()
        state.update(f"{student_id}\n{slot_id}".encode())
        found += state.digest()[:4]
    return np.frombuffer(bytes(found), dtype=">u4").astype(np.int64)


def pair_ids(instance: Instance, pairs: Pairs, at: Longs | Ints) -> list[tuple[str, str]]:
    """(student_id, slot_id) of the pairs at these places."""
    students, slots = instance.students.ids, instance.slots.ids
    who, what = pairs.student[at].tolist(), pairs.slot[at].tolist()
    return [(students[one], slots[other]) for one, other in zip(who, what, strict=True)]


def pair_draws(instance: Instance, pairs: Pairs, at: Longs | Ints) -> Longs:
    """The draw of each of the pairs at these places."""
    return draws(instance.policy.lottery_seed, pair_ids(instance, pairs, at))
