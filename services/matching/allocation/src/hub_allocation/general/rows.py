"""Linear rows over yes-or-no decisions, of no solver's kind: low <= sum of coefficient x decision <= high."""

from dataclasses import dataclass, field

import numpy as np

from hub_allocation.instance import Flags, Longs

FREE = np.int64(1) << np.int64(40)
"""No limit on this side."""


@dataclass(frozen=True, slots=True)
class Rows:
    """R rows over D decisions; row r has the entries ``start[r]`` to ``start[r + 1]``."""

    start: Longs
    decision: Longs
    coefficient: Longs
    low: Longs
    high: Longs

    def __len__(self) -> int:
        return len(self.low)

    def owner(self) -> Longs:
        """The row of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def sums(self, value: Flags) -> Longs:
        """What each row comes to under decisions (D)."""
        total = np.zeros(len(self), dtype=np.int64)
        np.add.at(total, self.owner(), self.coefficient * value[self.decision])
        return total

    def broken(self, value: Flags) -> Longs:
        """The rows that decisions break."""
        total = self.sums(value)
        return np.flatnonzero((total < self.low) | (total > self.high))

    def within(self, free: Longs, value: Flags) -> "Rows":
        """The rows left over the decisions ``free`` (numbered anew) when all others keep their value.

        Rows that the free decisions can't break are left out.
        """
        number = np.full(len(value), -1, dtype=np.int64)
        number[free] = np.arange(len(free))
        entry = number[self.decision]
        owner, inside = self.owner(), entry >= 0
        fixed = np.zeros(len(self), dtype=np.int64)
        np.add.at(fixed, owner[~inside], (self.coefficient * value[self.decision])[~inside])
        least, most = np.zeros(len(self), dtype=np.int64), np.zeros(len(self), dtype=np.int64)
        np.add.at(least, owner[inside], np.minimum(self.coefficient[inside], 0))
        np.add.at(most, owner[inside], np.maximum(self.coefficient[inside], 0))
        low, high = self.low - fixed, self.high - fixed
        kept = (least < low) | (most > high)
        chosen = inside & kept[owner]
        counts = np.bincount(owner[chosen], minlength=len(self))[kept]
        start = np.append(0, np.cumsum(counts)).astype(np.int64)
        low, high = np.where(self.low <= -FREE, -FREE, low)[kept], np.where(self.high >= FREE, FREE, high)[kept]
        return Rows(start, entry[chosen], self.coefficient[chosen], low, high)


@dataclass(slots=True)
class RowBook:
    """Collects rows block by block."""

    count: int = 0
    blocks: list[tuple[Longs, Longs, Longs]] = field(default_factory=list)
    limits: list[tuple[Longs, Longs]] = field(default_factory=list)

    def add(self, row: Longs, decision: Longs, coefficient: Longs, *, low: Longs, high: Longs) -> None:
        """Add rows; ``row`` numbers the rows of this block from 0, ``low`` and ``high`` have one entry a row."""
        self.blocks.append((row + self.count, decision, coefficient))
        self.limits.append((low, high))
        self.count += len(low)

    def at_most(self, key: Longs, decision: Longs, most: Longs) -> None:
        """For each distinct key, at most ``most`` (given for each entry) of its decisions; idle rows are left out."""
        _, first, row, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
        limit = most[first]
        binds = count > limit
        number = np.cumsum(binds) - 1
        inside = binds[row]
        self.add(number[row[inside]], decision[inside], np.ones(int(inside.sum()), dtype=np.int64),
                 low=np.full(int(binds.sum()), -FREE), high=limit[binds])  # fmt: skip

    def finish(self) -> Rows:
        """All rows collected."""
        if not self.blocks:
            nothing = np.zeros(0, dtype=np.int64)
            return Rows(np.zeros(1, dtype=np.int64), nothing, nothing, nothing, nothing)
        row, decision, coefficient = (np.concatenate([block[k] for block in self.blocks]) for k in range(3))
        order = np.argsort(row, kind="stable")
        start = np.searchsorted(row[order], np.arange(self.count + 1))
        low, high = (np.concatenate([pair[k] for pair in self.limits]).astype(np.int64) for k in range(2))
        return Rows(start.astype(np.int64), decision[order].astype(np.int64), coefficient[order].astype(np.int64),
                    low, high)  # fmt: skip
