"""Shares of a round: components dealt out among solvers, what each came to, and all of it put together again.

A share needs no other: its best allocation is part of the best of the whole. So the same result comes out whatever the
number of shares and whoever solved which.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hub_allocation.components.prepared import Prepared
from hub_allocation.instance import Flags, Longs
from hub_allocation.proof.certificate import Certificate

SEARCH_WEIGHT = 20
"""How much longer a pair takes where the rules form no network, about."""


@dataclass(frozen=True, slots=True)
class Partial:
    """What one share came to."""

    chosen: Longs
    """The pairs that became placements, rising."""
    certificate: Certificate
    bounds: Longs
    """What is proven possible in each level, over this share."""
    exchanges: int = 0

    def to_bytes(self) -> bytes:
        """The partial as an .npz archive."""
        out = io.BytesIO()
        proof = self.certificate
        np.savez(
            out, chosen=self.chosen, bounds=self.bounds, exchanges=np.int64(self.exchanges),
            levels=np.array(proof.levels), limit=proof.limit, slot=proof.slot, school=proof.school, price=proof.price,
        )  # fmt: skip
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Partial":
        """Read what ``to_bytes`` wrote; raises ValueError or KeyError on anything else."""
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            levels = tuple(found["levels"].tolist())
            proof = Certificate(levels, found["limit"], found["slot"], found["school"], found["price"])
            return cls(found["chosen"], proof, found["bounds"], int(found["exchanges"]))


def deal(prepared: Prepared, *, shares: int) -> list[Flags]:
    """Deal the components out: for each share, which pairs are its own. Fewer shares when there is less to share.

    The largest component goes first, each to the share that has least so far.
    """
    component, network = prepared.split.component, prepared.split.network
    feasible = component >= 0
    count = int(component.max(initial=-1)) + 1
    weight = np.bincount(component[feasible], minlength=count)
    searched = np.bincount(component[feasible & ~network], minlength=count)
    weight = weight + SEARCH_WEIGHT * searched
    load = [0] * max(1, min(shares, count))
    owner = np.zeros(count, dtype=np.int64)
    for one in np.argsort(-weight, kind="stable").tolist():
        least = load.index(min(load))
        owner[one] = least
        load[least] += int(weight[one])
    return [feasible & (owner[component] == share) if count else feasible for share in range(len(load))]


def joined(partials: Sequence[Partial]) -> Partial:
    """Put shares together."""
    proofs = [partial.certificate for partial in partials]
    limit, slot, school = (
        np.concatenate([getattr(proof, name) for proof in proofs]) for name in ("limit", "slot", "school")
    )
    price = np.concatenate([proof.price for proof in proofs])
    order = np.lexsort((school, limit, slot))
    return Partial(
        chosen=np.sort(np.concatenate([partial.chosen for partial in partials])),
        certificate=Certificate(proofs[0].levels, limit[order], slot[order], school[order], price[order]),
        bounds=np.sum([partial.bounds for partial in partials], axis=0, dtype=np.int64),
        exchanges=sum(partial.exchanges for partial in partials),
    )
