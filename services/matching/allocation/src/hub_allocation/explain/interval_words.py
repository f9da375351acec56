"""An override's cost as a labelled interval, in figures and in plain words."""

from hub_allocation.explain.override_words import Between, ordinal

_LAST = "Who else would move, and where, is found by solving the round again with it, on request."


def interval(between: Between, *, placed: bool) -> str:
    """Say between what bounds an override would change the levels that are told.

    Args:
        between: the least and the most that each level may change by, in order; not empty.
        placed: whether the student has a placement already.

    Returns:
        The text of a JSON object. None of its own texts has anything in it that JSON escapes.
    """
    figures = ",".join([f'"{name}":{{"least":{least},"most":{most}}}' for name, (least, most) in between.items()])
    text = "; ".join([_words(name, least, most, placed=placed) for name, (least, most) in between.items()])
    return f'{{"kind":"interval","between":{{{figures}}},"text":"{text[0].upper()}{text[1:]}. {_LAST}"}}'


def _words(name: str, least: int, most: int, *, placed: bool) -> str:
    if name == "students":
        own = 0 if placed else 1
        return _counted(least - own, most - own, "of the others would be placed", "others would be placed")
    if name == "placements":
        return _counted(least, most, "placements in all", "placements in all")
    have = f"in all would have their {ordinal(int(name[5:]))} choice"
    return _counted(least, most, have, have)


def _counted(least: int, most: int, some: str, many: str) -> str:
    """How many more or fewer: ``some`` follows a number, ``many`` "as many"."""
    if least == most == 0:
        return f"as many {many} as now"
    if least == most:
        return f"{_number(most)} {some}"
    if most <= 0:
        fewest, number = -most, -least
        return f"between {fewest} and {number} fewer {some}" if fewest else f"at most {number} fewer {some}, or none"
    if least >= 0:
        return f"between {least} and {most} more {some}" if least else f"at most {most} more {some}, or none"
    return f"between {-least} fewer and {most} more {some}"


def _number(change: int) -> str:
    return f"{abs(change)} {'more' if change > 0 else 'fewer'}"
