"""Draws how time and memory grow with the number of students: an SVG with two log-log charts, written by hand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 540, 380, 70, 50, 44, 60
INKS = ("#0b6e99", "#b3541e", "#4b7a1f", "#7a3b8f")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: (students, figure) in rising order."""

    name: str
    points: tuple[tuple[float, float], ...]


def picture(title: str, charts: Sequence[tuple[str, Sequence[Line]]]) -> str:
    """Charts side by side; each has the unit of its vertical axis and its lines."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(charts)} {HEIGHT}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH * len(charts)}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold">{title}</text>',
    ]
    for place, (unit, lines) in enumerate(charts):
        parts += [f'<g transform="translate({place * WIDTH} 0)">', *_chart(unit, lines), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _chart(unit: str, lines: Sequence[Line]) -> list[str]:
    across = _span([x for line in lines for x, _ in line.points])
    up = _span([y for line in lines for _, y in line.points])

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * _share(x, across),
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * _share(y, up),
        )

    parts = []
    for power in range(across[0], across[1] + 1):
        x, y = at(10.0**power, 10.0 ** up[0])
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{_figure(power)}</text>')
    for power in range(up[0], up[1] + 1):
        x, y = at(10.0 ** across[0], 10.0**power)
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{_figure(power)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - 18}" text-anchor="middle">students (4 to a slot)</text>')
    parts.append(f'<text transform="translate(18 {HEIGHT / 2:.1f}) rotate(-90)" text-anchor="middle">{unit}</text>')
    for ink, line in zip(INKS, lines, strict=False):
        places = [at(*point) for point in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>' for x, y in places]
        row = TOP + 16 + 16 * lines.index(line)
        parts.append(f'<text x="{LEFT + 12}" y="{row}" fill="{ink}">{line.name}</text>')
    return parts


def _span(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around these values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _share(value: float, span: tuple[int, int]) -> float:
    return (math.log10(value) - span[0]) / (span[1] - span[0])


def _figure(power: int) -> str:
    return f"{10**power:,}".replace(",", " ") if power >= 0 else f"{10.0**power:g}"
