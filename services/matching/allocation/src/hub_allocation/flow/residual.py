"""The residual graph that prices are searched on, and what the search finds; numpy only, so that it loads at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

FAR = np.int64(1) << np.int64(62)
"""The label of a node from which nothing reaches the sink (a node that nobody may enter)."""

BY_LIMIT, BY_LEAVING, UNREACHED = -2, -1, -3
"""How a pointer goes on when not by an option: along a limit's own arc, by a student who stays unplaced, not at all."""


class Residual(NamedTuple):
    """What the search runs on: N nodes, M students, A options that may be used; the sink is node N."""

    arc_start: Longs
    """For each node and the sink, where its options begin in the three arrays below."""
    arc_option: Ints
    arc_student: Ints
    arc_cost: Longs
    now_node: Ints
    """Where each student is; N when unplaced."""
    now_cost: Longs
    """What each student costs there."""
    stay_cost: Longs
    """What each student costs unplaced."""
    may_stay: Flags
    parent: Ints
    child_start: Longs
    child: Ints
    room: Flags
    """Whether a node has a seat left that may be taken."""
    used: Flags
    """Whether a node has a student and may have fewer."""


class Search(NamedTuple):
    """What the search finds, and its queue (a ring; ``ends`` is the head and the size)."""

    label: Longs
    """The cost of the cheapest way from each node to the sink (N + 1)."""
    pointer: Ints
    """The next node on that way; -1: none."""
    via: Ints
    """The option the step takes, or BY_LIMIT, BY_LEAVING, UNREACHED."""
    mover: Ints
    """The student who takes it."""
    queue: Ints
    queued: Flags
    ends: Longs
