"""Pictures of a comparison and of a front, as SVG drawn here: no library, no script, readable in black and white."""

from collections.abc import Iterable, Sequence
from html import escape

from hub_allocation.whatif.compare import Comparison
from hub_allocation.whatif.pareto import Front

COLOURS = ("#1b6ca8", "#e08e0b", "#5a9367", "#a23b72", "#555555", "#8c6d46")
"""One for each run; they differ in lightness too."""
_WIDTH, _HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 30, 70, 70
_LAST_RANK = 10
"""Ranks beyond this share one bar."""


def rank_picture(comparison: Comparison) -> str:
    """How many students reached which choice, a bar for each run side by side."""
    names, rows = _shown_ranks(comparison)
    height = max((value for row in rows for value in row), default=0)
    top, ticks = _scale(height)
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    slot = plot_width / max(1, len(names))
    bar = slot * 0.8 / len(rows)
    parts = [_text(_LEFT, 26, "Students by the choice they reached", size=16, weight="bold")]
    parts += _legend([side.name for side in comparison.sides])
    for tick in ticks:
        at = _HEIGHT - _BOTTOM - plot_height * tick / top
        parts.append(_line(_LEFT, at, _WIDTH - _RIGHT, at, colour="#dddddd"))
        parts.append(_text(_LEFT - 8, at + 4, f"{tick:,}", anchor="end"))
    for place, name in enumerate(names):
        start = _LEFT + slot * (place + 0.1)
        for run, row in enumerate(rows):
            tall = plot_height * row[place] / top
            x, y = start + bar * run, _HEIGHT - _BOTTOM - tall
            told = escape(f"{comparison.sides[run].name}: {row[place]:,} {name}")
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar * 0.92:.1f}" height="{tall:.1f}" '
                f'fill="{COLOURS[run % len(COLOURS)]}"><title>{told}</title></rect>'
            )
            if bar >= 22:
                parts.append(_text(x + bar * 0.46, y - 4, f"{row[place]:,}", anchor="middle", size=10))
        parts.append(_text(start + slot * 0.4, _HEIGHT - _BOTTOM + 18, name, anchor="middle"))
    parts.append(_line(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM))
    parts.append(_text(_LEFT + plot_width / 2, _HEIGHT - 22, "best choice a student has a place at", anchor="middle"))
    return _svg(parts, "How many students reached which choice under each policy")


def front_picture(found: Front) -> str:
    """The points of a front, joined: less rank cost to the left, what it costs in the other level upwards."""
    points = [(point.rank_cost, point.other) for point in found.points]
    x_low, x_high, x_ticks = _range([x for x, _ in points])
    y_low, y_high, y_ticks = _range([y for _, y in points])
    plot_width, plot_height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = (x - x_low) / (x_high - x_low), (y - y_low) / (y_high - y_low)
        return _LEFT + plot_width * across, _HEIGHT - _BOTTOM - plot_height * up

    better = "fewer" if found.against == "minutes" else "more"
    title = f"What rank cost trades for in {found.against}"
    parts = [_text(_LEFT, 26, title, size=16, weight="bold")]
    held = ", ".join(f"{value:,} {name}" for name, value in found.held.items())
    parts.append(_text(_LEFT, 48, f"Each point is a verified allocation; the same at all of them: {held}"))
    for tick in x_ticks:
        x, y = place(tick, y_low)
        parts += [_line(x, y, x, _TOP, colour="#eeeeee"), _text(x, y + 18, f"{tick:,}", anchor="middle")]
    for tick in y_ticks:
        x, y = place(x_low, tick)
        parts += [_line(x, y, _WIDTH - _RIGHT, y, colour="#eeeeee"), _text(x - 8, y + 4, f"{tick:,}", anchor="end")]
    corners = [(point.rank_cost, point.other) for point in found.points if point.corner]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in corners))
    parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[0]}" stroke-dasharray="4 3"/>')
    for point in points:
        x, y = place(*point)
        told = f"rank cost {point[0]:,}, {found.against} {point[1]:,}"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[0]}"><title>{told}</title></circle>')
    parts.append(_line(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM))
    parts.append(_line(_LEFT, _TOP, _LEFT, _HEIGHT - _BOTTOM))
    parts.append(_text(_LEFT + plot_width / 2, _HEIGHT - 22, "rank cost (less is better)", anchor="middle"))
    parts.append(
        f'<g transform="rotate(-90 18 {_TOP + plot_height / 2:.0f})">'
        + _text(18, _TOP + plot_height / 2, f"{found.against} ({better} is better)", anchor="middle")
        + "</g>"
    )
    return _svg(parts, title)


def _shown_ranks(comparison: Comparison) -> tuple[list[str], list[list[int]]]:
    """Names of the bars and, for each run, their heights; ranks beyond the last one shown are put together."""
    ranked: list[str] = []
    for side in comparison.sides:
        ranked += [name for name in side.ranks if name not in (*ranked, "unranked", "unplaced")]
    first, rest = ranked[:_LAST_RANK], ranked[_LAST_RANK:]
    names = [*first, *(["lower"] if rest else []), "unranked", "unplaced"]
    rows = []
    for side in comparison.sides:
        row = [side.ranks.get(name, 0) for name in first]
        row += [sum(side.ranks.get(name, 0) for name in rest)] if rest else []
        rows.append([*row, side.ranks["unranked"], side.ranks["unplaced"]])
    used = [place for place, name in enumerate(names) if name != "unranked" or any(row[place] for row in rows)]
    return [names[place] for place in used], [[row[place] for place in used] for row in rows]


def _legend(names: Sequence[str]) -> Iterable[str]:
    x = float(_LEFT)
    for at, name in enumerate(names):
        yield f'<rect x="{x:.0f}" y="39" width="12" height="12" fill="{COLOURS[at % len(COLOURS)]}"/>'
        yield _text(x + 18, 50, name)
        x += 40 + 7.2 * len(name)


def _range(values: Sequence[int]) -> tuple[float, float, list[int]]:
    """Where an axis starts and ends, and its ticks, with room on both sides."""
    low, high = min(values), max(values)
    step = _step(max(1, high - low))
    start, end = (low // step) * step, -(-high // step) * step
    if start == end:
        start, end = start - step, end + step
    return start, end, list(range(start, end + 1, step))


def _scale(height: int) -> tuple[int, list[int]]:
    step = _step(max(1, height))
    top = max(step, -(-height // step) * step)
    return top, list(range(0, top + 1, step))


def _step(span: int) -> int:
    """A round distance between ticks, so that there are about five."""
    size = 1
    while True:
        for lead in (1, 2, 5):
            if span <= lead * size * 5:
                return lead * size
        size *= 10


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str = "#333333") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _svg(parts: Iterable[str], told: str) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape(told)}" font-family="sans-serif" fill="#222222">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )
