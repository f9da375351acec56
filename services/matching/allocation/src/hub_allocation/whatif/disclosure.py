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
        R x C flags. No small cell is shown, and none can be worked out from what is shown and the totals unless it
        follows from the totals alone.
    """
    small = np.asarray((counts > 0) & (counts < threshold))
    hidden = small.copy()
    for row, column in np.argwhere(small).tolist():
        if not _open(counts, hidden, row, column):
            corners = _cheapest_corners(counts, hidden, row, column)
            if corners is not None:
                other_row, other_column = corners
                hidden[[row, other_row, other_row], [other_column, column, other_column]] = True
    return hidden


def _cheapest_corners(counts: Longs, hidden: Flags, row: int, column: int) -> tuple[int, int] | None:
    """The row and column that, hidden with a cell's own, open it and hide least that was shown; None: none do.

    A cell that holds somebody can fall when the opposite corner holds somebody too, and rise when the two others do.
    Where no two lines are so, everybody is in its row or everybody is in its column, and the totals give it away.
    """
    shown = np.where(hidden, 0, counts + 1)  # a cell counts for itself, too
    beside, below = counts[row, :] > 0, counts[:, column] > 0
    opens = (counts > 0) | (below[:, None] & beside[None, :])
    opens[row, :] = opens[:, column] = False
    if not opens.any():
        return None
    lost = np.where(opens, shown + shown[:, [column]] + shown[[row], :], np.iinfo(np.int64).max)
    best_row, best_column = np.unravel_index(int(lost.argmin()), lost.shape)
    return int(best_row), int(best_column)


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
