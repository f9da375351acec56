"""The proof of an optimum: what a seat costs others, for each limit, in every level of the objective.

certificate.csv has one row for each limit with a price: a slot's seats, its unreserved seats, one school's share, or
what its employer may have on one day (named by the first of the slots that share it), and one column for each level of
the objective, in order. With these prices (and 0 for every other limit) the verifier checks that each limit with a
price is reached, that no price is negative, and that each student has the cheapest of all ways, staying unplaced
included. By linear programming duality, which holds for costs compared level by level, no allocation is then better in
any level. Prices say what is lost: more of it is worse, whether a level is to be large or small.
"""

import io
from csv import reader, writer
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub_allocation.instance import NONE, Ints

LIMIT_COLUMNS = ("limit", "slot_id", "school_id")
LIMITS = ("seats", "unreserved", "school", "employer")
SEATS, UNRESERVED, SCHOOL, EMPLOYER = range(len(LIMITS))
LARGEST_PRICE = 1 << 60


@dataclass(frozen=True, slots=True)
class Certificate:
    """C limits with a price, ordered by slot, limit and school; K levels."""

    levels: tuple[str, ...]
    """The names of the levels, in order: the columns of ``price``."""
    limit: Ints
    """Index into LIMITS."""
    slot: Ints
    school: Ints
    """Code of the school; NONE unless the limit is one school's share."""
    price: NDArray[np.int64]
    """C x K, compared from the first level on; never negative in that order."""


def certificate_bytes(certificate: Certificate, *, slot_ids: list[str], school_ids: list[str]) -> bytes:
    """The file certificate.csv."""
    out = io.StringIO(newline="")
    lines = writer(out, lineterminator="\n")
    lines.writerow([*LIMIT_COLUMNS, *certificate.levels])
    for limit, slot, school, price in zip(
        certificate.limit.tolist(), certificate.slot.tolist(), certificate.school.tolist(), certificate.price.tolist(),
        strict=True,
    ):  # fmt: skip
        lines.writerow([LIMITS[limit], slot_ids[slot], school_ids[school] if school != NONE else "", *price])
    return out.getvalue().encode()


def read_certificate(data: bytes, *, slot_ids: list[str], school_ids: list[str]) -> Certificate:
    """Read certificate.csv back; raises ValueError saying what is wrong with it.

    Whether its levels are those of an objective is for the caller to check.
    """
    rows = list(reader(io.StringIO(data.decode(), newline=""), strict=True))
    if not rows or tuple(rows[0][:3]) != LIMIT_COLUMNS or len(rows[0]) == len(LIMIT_COLUMNS):
        raise ValueError("the header is not a certificate's")
    levels = tuple(rows[0][3:])
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
        if len(price[-1]) != len(levels) or max(map(abs, price[-1])) >= LARGEST_PRICE:
            raise ValueError(f"row {number} does not hold {len(levels)} prices of less than 2^60")
    if len(set(zip(limit, slot, school, strict=True))) != len(limit):
        raise ValueError("a limit has two prices")
    return Certificate(
        levels, np.array(limit, dtype=np.int32), np.array(slot, dtype=np.int32), np.array(school, dtype=np.int32),
        np.array(price, dtype=np.int64).reshape(-1, len(levels)),
    )  # fmt: skip


def no_prices(levels: tuple[str, ...]) -> Certificate:
    """The certificate of an allocation that needs no price."""
    nothing = np.zeros(0, dtype=np.int32)
    return Certificate(levels, nothing, nothing, nothing, np.zeros((0, len(levels)), dtype=np.int64))
