"""The residual graph that prices are searched on, and what the search finds; numpy only, so that it loads at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]

FAR = np.int64(1) << np.int64(62)
"""The first key of a node from which nothing reaches the sink (a node that nobody may enter)."""

BY_LIMIT, BY_LEAVING, UNREACHED = -2, -1, -3
"""How a pointer goes on when not by an option: along a limit's own arc, by a student who stays unplaced, not at all."""


class Residual(NamedTuple):
    """What the search runs on: N nodes, M students, O options; the sink is node N."""

    arc_start: Longs
    """For each node and the sink, where its options begin in ``arc_option``."""
    arc_option: Longs
    owner: NDArray[np.int32]
    """The student of each option."""
    now_node: Longs
    """Where each student is; N when unplaced."""
    now_cost: Longs
    """The keys of where each student is (M x 3)."""
    option_cost: Longs
    """The keys of each option (O x 3)."""
    out_cost: Longs
    """The keys of staying unplaced (M x 3)."""
    parent: Longs
    child_start: Longs
    child: Longs
    flow: Longs
    capacity: Longs


class Search(NamedTuple):
    """What the search finds, and its queue (a ring; ``ends`` is the head and the size)."""

    label: Longs
    """The keys of the cheapest way from each node to the sink (N + 1 x 3)."""
    pointer: Longs
    """The next node on that way."""
    via: Longs
    """The option the step takes, or BY_LIMIT, BY_LEAVING, UNREACHED."""
    mover: Longs
    """The student who takes it."""
    queue: Longs
    queued: NDArray[np.bool_]
    ends: Longs
