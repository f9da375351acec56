"""From first choice to result: bands from the sector that students wanted most to what they got."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from hub_registry.pictures import look, svg
from hub_registry.pictures.model import Picture, PictureTable, Rows, Width, count, share

NAME: Final = "flow"
MOST: Final = 12
"""Sectors with a band of their own."""
OTHERS: Final = "All other sectors"
NONE: Final = "No preference"
RESULTS: Final[Mapping[str, str]] = {
    "1st choice": look.BLUE,
    "2nd choice": look.TEAL,
    "3rd choice": look.PURPLE,
    "Lower choice": look.GREY,
    "Fixed by the hub": look.INK,
    "No place": look.ORANGE,
}
_GAP: Final = 6.0
_LEAST: Final = 17.0
"""Height that a label needs."""
_NODE: Final = 10


def tell(found: Iterable[tuple[str | None, bool, int | None, int]]) -> Picture:
    """Say how first choices became results.

    Args:
        found: (sector of the first choice or None, whether placed, best rank, students), any order.
    """
    cells: Counter[tuple[str, str]] = Counter()
    for sector, placed, rank, students in found:
        cells[sector or NONE, _result(placed, rank)] += students
    wanted: Counter[str] = Counter()
    for (sector, _), students in cells.items():
        wanted[sector] += students
    own = [sector for sector, _ in sorted(wanted.items(), key=lambda item: (-item[1], item[0]))]
    if len(own) > MOST:
        kept = set(own[: MOST - 1])
        cells = _merged(cells, kept)
        own = [*own[: MOST - 1], OTHERS]
    results = [result for result in RESULTS if any(to == result for _, to in cells)]
    rows = tuple(
        {"from": sector, "to": result, "number": cells[sector, result]} for sector in own for result in results
    )
    table = PictureTable(
        ("First choice’s sector", *results, "All"),
        tuple(
            (sector, *(cells[sector, result] for result in results), sum(cells[sector, result] for result in results))
            for sector in own
        ),
    )
    all_ = cells.total()
    first = sum(number for (_, result), number in cells.items() if result == "1st choice")
    without = sum(number for (_, result), number in cells.items() if result == "No place")
    title = f"{share(first, all_)} of students got their first choice, {share(without, all_)} have no place"
    most = f"Most students, {wanted[own[0]]:,}, wanted {own[0]} first." if own else ""
    description = f"Bands from each sector to what its {count(all_, 'student')} got. {most}"
    return Picture(NAME, NAME, title, description, table, rows)


def _merged(cells: Counter[tuple[str, str]], kept: set[str]) -> Counter[tuple[str, str]]:
    merged: Counter[tuple[str, str]] = Counter()
    for (sector, result), students in cells.items():
        merged[sector if sector in kept else OTHERS, result] += students
    return merged


def _result(placed: bool, rank: int | None) -> str:
    if not placed:
        return "No place"
    if rank is None:
        return "Fixed by the hub"
    return {1: "1st choice", 2: "2nd choice", 3: "3rd choice"}.get(rank, "Lower choice")


def drawn(rows: Rows, width: Width) -> str:
    """Draw the bands: sectors on the left, results on the right, each as high as it has students."""
    cells = {(row["from"], row["to"]): row["number"] for row in rows}
    left = _columns(cells, 0)
    right = _columns(cells, 1)
    left_room, right_room = (250.0, 190.0) if width is Width.WIDE else (120.0, 132.0)
    scale = (440.0 if width is Width.WIDE else 380.0) / max(1, sum(left.values()))
    tops, ends = _places(left, scale), _places(right, scale)
    height = int(max(_bottom(left, tops, scale), _bottom(right, ends, scale)) + 30)
    x0, x1 = left_room, width.px - right_room
    body = [svg.text("Wanted most", x0, 10, anchor="end"), svg.text("Got", x1 - _NODE, 10)]
    from_y, to_y = dict(tops), dict(ends)
    for result in right:
        for sector in left:
            if number := cells.get((sector, result), 0):
                high = number * scale
                body.append(_band((x0, from_y[sector]), (x1 - _NODE, to_y[result]), high=high, colour=RESULTS[result]))
                from_y[sector] += high
                to_y[result] += high
    for name, number in left.items():
        body.append(_node(x0 - _NODE, tops[name], number * scale, look.INK))
        words = _label(name, number, left_room - _NODE - 8)
        body.append(svg.text(words, x0 - _NODE - 6, tops[name] + number * scale / 2, anchor="end"))
    for name, number in right.items():
        body.append(_node(x1 - _NODE, ends[name], number * scale, RESULTS[name]))
        words = _label(name, number, right_room - 8)
        body.append(svg.text(words, x1 + 6, ends[name] + number * scale / 2))
    return svg.document("".join(body), width=width.px, height=height)


def _columns(cells: Mapping[tuple[str, str], int], side: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, number in cells.items():
        found[key[side]] = found.get(key[side], 0) + number
    return found


def _places(numbers: Mapping[str, int], scale: float) -> dict[str, float]:
    """Stack nodes so that each has room for its label."""
    y, places = 28.0, {}
    for name, number in numbers.items():
        high = number * scale
        room = max(high, _LEAST)
        places[name] = y + (room - high) / 2
        y += room + _GAP
    return places


def _bottom(numbers: Mapping[str, int], places: Mapping[str, float], scale: float) -> float:
    return max((places[name] + number * scale for name, number in numbers.items()), default=28.0)


def _node(x: float, y: float, high: float, colour: str) -> str:
    return svg.element("rect", x=x, y=y, width=_NODE, height=max(1.0, high), fill=colour)


def _label(name: str, number: int, room_px: float) -> str:
    said = f" {number:,}"
    return svg.short(name, room_px - len(said) * look.LETTERS_PX * svg.LETTER_PX) + said


def _band(begin: tuple[float, float], end: tuple[float, float], *, high: float, colour: str) -> str:
    (x0, y0), (x1, y1) = begin, end
    middle = (x0 + x1) / 2
    path = (
        f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
        f"V{y1 + high:.1f}C{middle:.1f},{y1 + high:.1f} {middle:.1f},{y0 + high:.1f} {x0:.1f},{y0 + high:.1f}Z"
    )
    return svg.element("path", d=path, fill=colour, fill_opacity="0.6")
