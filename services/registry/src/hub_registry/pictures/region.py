"""A map of the region: schools with their students without a place, areas with their seats. No tiles, no server."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import cos, radians, sqrt
from typing import Any, Final

from hub_registry.pictures import look, svg
from hub_registry.pictures.model import Picture, PictureTable, Rows, Width, count

NAME: Final = "map"
_MARGIN: Final = 30.0
_TOP: Final = 64.0
_LARGEST: Final = 22.0
"""Radius of the largest circle, in pixels of the wide picture."""


def tell(schools: Sequence[Mapping[str, Any]], areas: Sequence[Mapping[str, Any]]) -> Picture:
    """Say where seats are and where students have none.

    Args:
        schools: name, lat, lon, students, unplaced.
        areas: area (first half of a postcode), lat, lon (middle of its slots), seats, used.
    """
    rows = (
        *({"kind": "area", "name": one["area"], **_at(one), "seats": one["seats"]} for one in areas),
        *({"kind": "school", "name": one["name"], **_at(one), "unplaced": one["unplaced"]} for one in schools),
    )
    table = PictureTable(
        ("School or area", "Students without a place", "Seats", "Seats empty"),
        (
            *((one["name"], one["unplaced"], "", "") for one in schools),
            *((f"Area {one['area']}", "", one["seats"], max(0, one["seats"] - one["used"])) for one in areas),
        ),
    )
    most = max(schools, key=lambda one: (one["unplaced"], one["name"]), default=None)
    empty = max(areas, key=lambda one: (one["seats"] - one["used"], one["area"]), default=None)
    if most and most["unplaced"]:
        title = f"Most students without a place: {most['name']}, {most['unplaced']:,}"
    else:
        title = "Every school’s students have places; where the seats are"
    left = f" Most empty seats: {empty['area']}, {max(0, empty['seats'] - empty['used']):,}." if empty else ""
    description = (
        f"Map of {count(len(schools), 'school')} and the seats in {count(len(areas), 'area')}: squares grow with"
        f" students without a place, circles with seats.{left}"
    )
    return Picture(NAME, NAME, title, description, table, rows)


def _at(one: Mapping[str, Any]) -> dict[str, float]:
    return {"lat": round(float(one["lat"]), 4), "lon": round(float(one["lon"]), 4)}


@cache
def outlines() -> list[dict[str, Any]]:
    """Read the outlines of local authorities that the product brings along; see the file for their source."""
    found: dict[str, Any] = json.loads((files(__package__) / "outlines.json").read_text(encoding="utf-8"))
    return list(found["outlines"])


def near(points: Sequence[tuple[float, float]]) -> list[dict[str, Any]]:
    """Keep the outlines that have a point (lon, lat) in their box; none in a region that the file does not have."""
    kept = []
    for one in outlines():
        corners = [corner for ring in one["rings"] for corner in ring]
        west, east = min(corner[0] for corner in corners), max(corner[0] for corner in corners)
        south, north = min(corner[1] for corner in corners), max(corner[1] for corner in corners)
        if any(west <= lon <= east and south <= lat <= north for lon, lat in points):
            kept.append(one)
    return kept


def drawn(rows: Rows, width: Width) -> str:
    """Draw outlines, circles, squares and what they mean."""
    points = [(row["lon"], row["lat"]) for row in rows]
    shown = near(points)
    corners = [(lon, lat) for one in shown for ring in one["rings"] for lon, lat in ring]
    place, height = _projection([*points, *corners], width)
    body = [_outline(one, place) for one in shown] + _legend()
    factor = (1.0 if width is Width.WIDE else 0.6) * _LARGEST
    most = max((row["seats"] for row in rows if row["kind"] == "area"), default=0) or 1
    for row in sorted((row for row in rows if row["kind"] == "area"), key=lambda row: -row["seats"]):
        x, y = place(row["lon"], row["lat"])
        radius = max(2.0, factor * sqrt(row["seats"] / most))
        body.append(svg.element("circle", cx=x, cy=y, r=radius, fill=look.BLUE, fill_opacity="0.45", stroke=look.BLUE))
    schools = [row for row in rows if row["kind"] == "school"]
    without = max((row["unplaced"] for row in schools), default=0) or 1
    for row in sorted(schools, key=lambda row: -row["unplaced"]):
        x, y = place(row["lon"], row["lat"])
        side = max(5.0, factor * sqrt(row["unplaced"] / without))
        fill = look.ORANGE if row["unplaced"] else look.INK
        body.append(
            svg.element("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, fill=fill, stroke="white")
        )
    names = [svg.text(one["name"], *_middle(one, place), anchor="middle") for one in shown]
    return svg.document("".join([*body, *names]), width=width.px, height=height)


def _projection(points: Sequence[tuple[float, float]], width: Width) -> tuple[Any, int]:
    """Fit points to the picture: degrees of longitude are shorter than those of latitude away from the equator."""
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    narrow = cos(radians((south + north) / 2))
    scale = min((width.px - 2 * _MARGIN) / max((east - west) * narrow, 0.02), 560 / max(north - south, 0.02))
    left = (width.px - (east - west) * narrow * scale) / 2

    def place(lon: float, lat: float) -> tuple[float, float]:
        return left + (lon - west) * narrow * scale, _TOP + (north - lat) * scale

    return place, int(_TOP + (north - south) * scale + _MARGIN)


def _outline(one: Mapping[str, Any], place: Any) -> str:
    rings = (
        "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in (place(*corner) for corner in ring)) + "Z"
        for ring in one["rings"]
    )
    return svg.element("path", d="".join(rings), fill="#f1f6f8", stroke=look.GREY, stroke_width=1)


def _middle(one: Mapping[str, Any], place: Any) -> tuple[float, float]:
    corners = max(one["rings"], key=len)
    x, y = place(
        (min(lon for lon, _ in corners) + max(lon for lon, _ in corners)) / 2,
        (min(lat for _, lat in corners) + max(lat for _, lat in corners)) / 2,
    )
    return float(x), float(y)


def _legend() -> list[str]:
    lines = (
        (svg.element("circle", cx=16, cy=14, r=8, fill=look.BLUE, fill_opacity="0.45", stroke=look.BLUE),
         "Slots in one area: larger, more seats"),
        (svg.element("rect", x=9, y=31, width=14, height=14, fill=look.ORANGE), "School: larger, more without a place"),
    )  # fmt: skip
    made = []
    for at, (sign, words) in enumerate(lines):
        made += [sign, svg.text(words, 32, 14 + 24 * at)]
    return made
