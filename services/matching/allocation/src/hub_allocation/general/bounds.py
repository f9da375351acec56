"""The bound of each level of a component, from everything that is known."""

from collections.abc import Mapping, Sequence

from hub_allocation.general.part import Aim, Part


def closer(aim: Aim, first: int, second: int) -> int:
    """The better of two bounds of a level."""
    return min(first, second) if aim.maximise else max(first, second)


def first_open(values: Sequence[int], bounds: Sequence[int]) -> int:
    """The first level whose bound is not its value; the number of levels when all are proven."""
    return next(
        (at for at, (value, bound) in enumerate(zip(values, bounds, strict=False)) if value != bound), len(values)
    )


def combined(part: Part, values: tuple[int, ...], known: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The bound of each level from several lists of bounds, each valid while the levels before have these values.

    A list may be shorter than the levels, and says nothing beyond the first of its levels that is not the value.
    After the first level that is not proven, a level has the bound that holds whatever the others.
    """
    found: list[int] = []
    for place, aim in enumerate(part.aims):
        bound = _whatever(part, aim, dict(zip(part.names, found, strict=False)))
        if tuple(found) == values[:place]:
            for one in known:
                if place < len(one) and one[:place] == values[:place]:
                    bound = closer(aim, bound, one[place])
        found.append(bound)
    return tuple(found)


def _whatever(part: Part, aim: Aim, before: Mapping[str, int]) -> int:
    """The bound of a level that holds whatever the others; ``before``: the bounds of the levels before it."""
    loosest = part.loosest(aim)
    if aim.name == "placements" and "students" in before:  # a first level's bound holds whatever the others, too
        return min(loosest, before["students"] * part.places)
    return loosest
