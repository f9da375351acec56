"""Where to recruit: what one more seat at each slot would gain, the best few, and demand against supply.

``seat_values`` loads numba; ``best_seats`` (in ``suggest``) solves again and is imported from there.
"""

from hub_allocation.instance import Instance
from hub_allocation.recruit.areas import area_of, slot_areas
from hub_allocation.recruit.demand import demand
from hub_allocation.recruit.seats import SeatValues, seat_values

__all__ = ["SeatValues", "area_of", "demand", "recruit_rows", "seat_values", "slot_areas"]

COLUMNS = ("slot_id", "sector", "area", "kind")
"""Of recruit.csv; then one column for each level: what it would change by."""


def recruit_rows(instance: Instance, values: SeatValues) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The header and the rows of recruit.csv, a row for each slot in order."""
    areas, slots = slot_areas(instance), instance.slots
    rows = [
        (slots.ids[at], slots.sector[at], areas[at], "exact" if values.exact[at] else "estimate", *map(str, change))
        for at, change in enumerate(values.change.tolist())
    ]
    return (*COLUMNS, *values.names), rows
