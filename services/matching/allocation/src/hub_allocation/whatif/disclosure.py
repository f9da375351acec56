"""Small numbers hidden in a table of counts, so that nobody's outcome can be read from it or worked out from totals.

Counts from 1 to below a threshold are hidden. Whoever knows the totals of rows and columns could still work a hidden
cell out, so further cells are hidden until every small one could be one higher or one lower: whether it could is
decided exactly, by looking for a way round the hidden cells that changes no total.
"""

import numpy as np

from hub_allocation.instance import Flags, Longs

THRESHOLD = 5
"""Counts below this are hidden unless they are 0."""


def hidden_cells(counts: Longs, *, threshold: int = THRESHOLD) -> Flags:
    """Which cells of a table to hide when the totals of its rows and columns are published.

    Args:
        counts: R x C whole numbers >= 0, each student in one cell.
        threshold: counts from 1 to below this are small.

    Returns:
        R x C flags. No small cell is shown, and none can be worked out from what is shown and the totals, if any
        set of cells can bring that about: in a table with one row or one column it can't, and all of it is hidden.
    """
    small = np.asarray((counts > 0) & (counts < threshold))
    hidden = small.copy()
    for row, column in np.argwhere(small).tolist():
        while not _open(counts, hidden, row, column):
            line = np.zeros_like(hidden)
            line[row, :] = True
            line[:, column] = True
            shown = np.asarray(line & ~hidden if (line & ~hidden).any() else ~hidden)
            if not shown.any():
                return hidden
            # The smallest count that is not 0 gives most cover for least loss; a 0 can only rise.
            weight = np.where(counts > 0, counts, counts.max() + 1)
            weight = np.where(shown, weight, np.iinfo(np.int64).max)
            hidden[np.unravel_index(int(weight.argmin()), hidden.shape)] = True
    return hidden


def _open(counts: Longs, hidden: Flags, row: int, column: int) -> bool:
    """Whether a hidden cell could hold another number, all shown cells and totals being the same."""
    return _can_rise(counts, hidden, row, column) or _can_fall(counts, hidden, row, column)


def _can_rise(counts: Longs, hidden: Flags, row: int, column: int) -> bool:
    """One more here, one less in the same column, one more in that row, … and one less in the first row."""
    return _way_round(fall=hidden & (counts > 0), rise=hidden, row=row, column=column)


def _can_fall(counts: Longs, hidden: Flags, row: int, column: int) -> bool:
    return bool(counts[row, column]) and _way_round(fall=hidden, rise=hidden & (counts > 0), row=row, column=column)


def _way_round(*, fall: Flags, rise: Flags, row: int, column: int) -> bool:
    """Whether steps within columns over ``fall`` and within rows over ``rise`` lead from a cell's column to its row.

    The last step is within a column into ``row``; the cell itself is no part of the way.
    """
    fall, rise = fall.copy(), rise.copy()
    fall[row, column] = rise[row, column] = False
    columns = np.zeros(fall.shape[1], dtype=bool)
    columns[column] = True
    while True:
        rows = np.asarray(fall[:, columns].any(axis=1))
        if rows[row]:
            return True
        further = columns | rise[rows, :].any(axis=0)
        if (further == columns).all():
            return False
        columns = further
