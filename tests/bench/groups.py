"""Minimum groups at scale: 15 % of the slots run with at least 70 % of their seats or not at all, in two markets.

python -m tests.bench.groups --students 18000 --slots 4500 --seconds 60
"""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from hub_allocation.folder import read_files
from hub_allocation.instance import Instance
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from tests.bench.allocation_instances import write_round


def with_groups(instance: Instance, *, seats: float, share: float = 0.15, fill: float = 0.7, seed: int = 1) -> Instance:
    """Give some slots a minimum group and scale all capacities.

    Args:
        instance: a round without minimum groups.
        seats: all seats together, in students.
        share: of the slots that get a minimum group.
        fill: the minimum group over the capacity, rounded up.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    slots = instance.slots
    wanted = slots.capacity * (seats * len(instance.students) / slots.capacity.sum())
    capacity = np.maximum(1, np.floor(wanted + rng.random(len(slots)))).astype(np.int64)
    chosen = rng.random(len(slots)) < share
    least = np.where(chosen, np.ceil(capacity * fill).astype(np.int64), 0)
    reserved = np.minimum(slots.reserved, capacity)
    return replace(
        instance, slots=replace(slots, capacity=capacity, reserved=reserved, min_group=np.where(least > 1, least, 0))
    )


def make(students: int, slots: int, *, seats: float, seed: int, rules: bool) -> Instance:
    """A round of this size with groups."""
    with tempfile.TemporaryDirectory() as made:
        write_round(Path(made), students=students, slots=slots, seed=seed, rules=rules)
        instance = read_instance(read_files(Path(made)), Policy(lottery_seed="groups"))
    return with_groups(instance, seats=seats, seed=seed)
