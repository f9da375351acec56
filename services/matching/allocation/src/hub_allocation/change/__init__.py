"""Change runs: from an allocation that stands to the best with fewest moves, or with everything kept that holds."""

from hub_allocation.change.before import Before, read_before
from hub_allocation.change.holding import still_hold
from hub_allocation.change.moves import MOVES_HEADER, Move, list_moves, moves_bytes
from hub_allocation.change.standing import Lost, Standing, read_standing

__all__ = [
    "MOVES_HEADER",
    "Before",
    "Lost",
    "Move",
    "Standing",
    "list_moves",
    "moves_bytes",
    "read_before",
    "read_standing",
    "still_hold",
]
