"""recruit.csv: its rows, and that no seat is said to be worth more than the prices allow.

What one more seat gains takes the solver's searches to find, and is not found again here. But where the rules form a
network and the limits of the slot leave a seat beside the pins, no gain can be larger than the price of the seat (and
of an unreserved one), because with one seat more the bound of the prices moves by exactly that.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np

from hub_allocation.components.split import Split
from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Instance, Longs
from hub_allocation.levels import Measure
from hub_allocation.proof.certificate import SEATS, UNRESERVED, Certificate
from hub_allocation.proof.day_groups import regrouped_by_a_seat
from hub_allocation.proof.limits import limits_beside
from hub_allocation.proof.optimality import sign
from hub_allocation.recruit import COLUMNS, slot_areas
from hub_allocation.verify.verdict import Refused

NAME = "recruit.csv"
KINDS = ("exact", "estimate")


@dataclass(frozen=True, slots=True)
class Recruit:
    """What recruit.csv says of each of S slots."""

    exact: "np.ndarray"
    gain: Longs
    """What is gained in each level but the lottery, more always better (S x K)."""


def read_recruit(instance: Instance, data: bytes, levels: tuple[Measure, ...]) -> Recruit:
    """Read it back; raises Refused when it can't be."""
    header = (*COLUMNS, *(level.name for level in levels))
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(data.decode(), newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{NAME}: can't be read: {error}") from None
    if not rows or rows[0] != header or any(len(row) != len(header) for row in rows):
        raise Refused(f"{NAME}: does not have the columns {','.join(header)} in every row")
    slots = instance.slots
    right = list(zip(slots.ids, (slots.sector[at] for at in range(len(slots))), slot_areas(instance), strict=True))
    if [row[:3] for row in rows[1:]] != right:
        raise Refused(f"{NAME}: its slots, sectors and areas are not those of the round, in order")
    for number, row in enumerate(rows[1:], start=2):
        if row[3] not in KINDS or not all(map(_is_whole, row[4:])):
            raise Refused(f"{NAME}:{number}: is neither {' nor '.join(KINDS)}, or holds no whole numbers")
    towards = np.array([1 if level.maximise else -1 for level in levels], dtype=np.int64)
    change = np.array([[int(cell) for cell in row[4:]] for row in rows[1:]], dtype=np.int64)
    exact = np.array([row[3] == "exact" for row in rows[1:]], dtype=bool)
    return Recruit(exact, change.reshape(len(slots), len(levels)) * towards)


def gain_faults(
    instance: Instance,
    pairs: Pairs,
    said: Recruit,
    certificate: Certificate | None,
    *,
    parts: Split | None,
    taken_out: "np.ndarray",
) -> list[str]:
    """List gains that are said to be exact and can't be.

    Args:
        instance: the round.
        pairs: its P pairs.
        said: what recruit.csv says.
        certificate: prices that have been checked; None for ``stable``, which has none.
        parts: the components; None: all is as if none formed a network.
        taken_out: which pairs are pinned or stay (P).
    """
    ids = instance.slots.ids
    searched = np.zeros(len(ids), dtype=bool)
    searched[pairs.slot[pairs.feasible if parts is None else pairs.feasible & ~parts.network]] = True
    searched |= regrouped_by_a_seat(instance, pairs)
    wrong = np.flatnonzero(said.exact & searched)  # an estimate may be said anywhere: it claims less
    faults = [f"{NAME}: {ids[at]} has the kind exact, and is not" for at in wrong]
    losing = np.flatnonzero(said.exact & (sign(said.gain) < 0))
    faults += [f"{NAME}: one more seat at {ids[at]} is said to make things worse" for at in losing]
    if certificate is None or parts is None:
        return faults
    price = np.zeros_like(said.gain)
    rows = np.flatnonzero(np.isin(certificate.limit, (SEATS, UNRESERVED)))
    np.add.at(price, certificate.slot[rows], certificate.price[rows, :-1])
    limits = limits_beside(instance, pairs, taken_out, groups=parts.groups)
    priced = (limits.seats > 0) & (limits.unreserved > 0) & ~searched & said.exact
    over = np.flatnonzero(priced & (sign(said.gain - price) > 0))
    return faults + [f"{NAME}: one more seat at {ids[at]} can't gain what it says" for at in over]


def _is_whole(cell: str) -> bool:
    digits = cell.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(cell) < 18 and str(int(cell)) == cell
