"""Where a slot is, coarsely: the outward part of a UK postcode."""

import re

from hub_allocation.instance import NONE, Instance

_UK = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}")


def area_of(postcode: str) -> str:
    """The outward part of a full UK postcode ("L3 5TF" is in "L3"); any other text stands for itself."""
    found = _UK.fullmatch(postcode.strip().upper())
    return found[1] if found else postcode


def slot_areas(instance: Instance) -> list[str]:
    """The area of each slot; blank for a virtual one without a postcode."""
    areas = [area_of(postcode) for postcode in instance.postcodes]
    return [areas[place] if place != NONE else "" for place in instance.slots.place.tolist()]
