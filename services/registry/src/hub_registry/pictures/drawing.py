"""Draw one picture: its kind's own rule makes the chart, vl-convert the SVG. Runs in a process of its own.

The SVG has no style, no script and no link, so that it obeys ``default-src 'self'`` also when it is opened by itself.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from hub_registry.pictures import days, flow, journeys, pairs, ranks, region
from hub_registry.pictures.model import Picture, Rows, Width

Chart = Callable[[Rows, Width], dict[str, Any]]
CHARTS: Final[Mapping[str, Chart]] = {
    ranks.NAME: ranks.chart,
    journeys.NAME: journeys.chart,
    pairs.KIND: pairs.chart,
    days.NAME: days.chart,
}
DRAWN: Final[Mapping[str, Callable[[Rows, Width], str]]] = {
    flow.NAME: flow.drawn,
    region.NAME: region.drawn,
}
"""Pictures that Vega-Lite has no chart for."""


def order(picture: Picture, width: Width) -> str:
    """Write down all that drawing takes, on one line; the same order is always the same picture."""
    asked = {
        "kind": picture.kind,
        "rows": picture.rows,
        "width": width.value,
        "title": picture.title,
        "description": picture.description,
    }
    return json.dumps(asked, separators=(",", ":"))


def draw(line: str) -> str:
    """Draw what ``order`` wrote down."""
    asked = json.loads(line)
    return named(_svg(asked["kind"], asked["rows"], Width(asked["width"])), asked["title"], asked["description"])


def _svg(kind: str, rows: Rows, width: Width) -> str:
    if kind in DRAWN:
        return DRAWN[kind](rows, width)
    import vl_convert

    # Nothing may be fetched: the rows are in the specification.
    return vl_convert.vegalite_to_svg(CHARTS[kind](rows, width), vl_version="6.4", allowed_base_urls=[])


def named(svg: str, title: str, description: str) -> str:
    """Give an SVG its role, title and description; what is inside is one image for a screen reader."""
    head, body = svg.split(">", 1)
    said = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return f'{head} role="img" aria-label={quoteattr(title)}>{said}{body}'
