"""The proof of an optimum: what a seat costs others, for each limit, in every level of the objective.

certificate.csv has one row for each limit with a price: a slot's seats, its unreserved seats, or one school's share.
With these prices (and 0 for every other limit) the verifier checks that each limit with a price is reached, that no
price is negative, and that each student has the cheapest of all ways, staying unplaced included. By linear programming
duality, which holds for costs compared level by level, no allocation is then better in any level.
"""

import io
from csv import reader, writer
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.instance import NONE, Ints

HEADER = ("limit", "slot_id", "school_id", "students", "priority", "rank_cost", "minutes", "lottery")
LIMITS = ("seats", "unreserved", "school")
LEVELS_PRICED = 5
LARGEST_PRICE = 1 << 60


@dataclass(frozen=True, slots=True)
class Certificate:
    """C limits with a price, ordered by slot, limit and school."""

    limit: Ints
    """Index into LIMITS."""
    slot: Ints
    school: Ints
    """Code of the school; NONE unless the limit is one school's share."""
    price: NDArray[np.int64]
    """C x 5: students, priority, rank cost, minutes, lottery."""


def certificate_bytes(certificate: Certificate, *, slot_ids: list[str], school_ids: list[str]) -> bytes:
    """The file certificate.csv."""
    out = io.StringIO(newline="")
    lines = writer(out, lineterminator="\n")
    lines.writerow(HEADER)
    for limit, slot, school, price in zip(
        certificate.limit.tolist(), certificate.slot.tolist(), certificate.school.tolist(), certificate.price.tolist(),
        strict=True,
    ):  # fmt: skip
        lines.writerow([LIMITS[limit], slot_ids[slot], school_ids[school] if school != NONE else "", *price])
    return out.getvalue().encode()


def read_certificate(data: bytes, *, slot_ids: list[str], school_ids: list[str]) -> Certificate:
    """Read certificate.csv back; raises ValueError saying what is wrong with it."""
    rows = list(reader(io.StringIO(data.decode(), newline=""), strict=True))
    if not rows or tuple(rows[0]) != HEADER:
        raise ValueError("the header is not a certificate's")
    slot_at = {name: at for at, name in enumerate(slot_ids)}
    school_at = {name: at for at, name in enumerate(school_ids)} | {"": NONE}
    limit, slot, school, price = [], [], [], []
    for number, row in enumerate(rows[1:], start=2):
        try:
            name, slot_id, school_id, *prices = row
            limit.append(LIMITS.index(name))
            slot.append(slot_at[slot_id])
            school.append(school_at[school_id])
            price.append([int(value) for value in prices])
        except (KeyError, ValueError):
            raise ValueError(f"row {number} can't be read") from None
        if len(price[-1]) != LEVELS_PRICED or max(map(abs, price[-1])) >= LARGEST_PRICE:
            raise ValueError(f"row {number} does not hold {LEVELS_PRICED} prices of less than 2^60")
    if len(set(zip(limit, slot, school, strict=True))) != len(limit):
        raise ValueError("a limit has two prices")
    return Certificate(
        np.array(limit, dtype=np.int32), np.array(slot, dtype=np.int32), np.array(school, dtype=np.int32),
        np.array(price, dtype=np.int64).reshape(-1, LEVELS_PRICED),
    )  # fmt: skip
