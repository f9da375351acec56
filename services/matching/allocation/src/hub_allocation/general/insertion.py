"""Adds what still fits: each student's best pairs that break no rule where everybody else stays."""

from collections.abc import Callable

import numpy as np

from hub_allocation.general.rules import Rules
from hub_allocation.instance import Flags, Longs

CHECKED_EVERY = 2_000


def completed(rules: Rules, taken: Flags, *, check: Callable[[], None]) -> Flags:
    """Give students further placements, one pair at a time, the pairs that count most first.

    Args:
        rules: the component.
        taken: an allocation that keeps every rule (V).
        check: raises to stop; asked every so many pairs.

    Returns:
        An allocation that keeps every rule, too, and takes at least the same pairs.
    """
    part, rows = rules.part, rules.rows
    owner = rows.owner()
    order = np.argsort(rows.decision, kind="stable")
    start = np.searchsorted(rows.decision[order], np.arange(len(part) + 1))
    decided = rules.decided(taken)
    total, high, low = rows.sums(decided), rows.high, rows.low
    places = np.bincount(part.student[taken], minlength=len(part.students))
    taken = taken.copy()
    for turn in range(part.places):
        for number, pair in enumerate(_waiting(rules, taken, places <= turn).tolist()):
            if number % CHECKED_EVERY == 0:
                check()
            if places[part.student[pair]] > turn:
                continue
            entries = order[start[pair] : start[pair + 1]]
            row, after = owner[entries], total[owner[entries]] + rows.coefficient[entries]
            # Rows with a lower limit were kept before and only sink where the coefficient is negative.
            if (after <= high[row]).all() and (after >= low[row]).all():
                total[row] = after
                taken[pair] = True
                places[part.student[pair]] += 1
    return taken


def _waiting(rules: Rules, taken: Flags, who: Flags) -> Longs:
    """The pairs of these students that are not taken, by what they count in every level."""
    part = rules.part
    pairs = np.flatnonzero(~taken & ~rules.never & who[part.student])
    keys = [-aim.weight[pairs] if aim.maximise else aim.weight[pairs] for aim in part.aims]
    return pairs[np.lexsort(keys[::-1])]
