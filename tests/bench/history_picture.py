"""Draws a bench's last run as an SVG: for each figure with a yardstick two bars, ours and beside it the yardstick's.

A dot stands at what each earlier run measured of ours, so that a change for the worse is seen.
"""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import vl_convert

from hub_registry.pictures import look
from tests.bench.figures import Figure, with_unit
from tests.bench.host import Host

WIDTH: Final = 430
BAR: Final = 17
_LONGEST_NAME: Final = 62


def draw(bench: str, runs: Sequence[tuple[Host, Sequence[Figure]]]) -> str:
    """The picture of a bench's runs, oldest first; units differ, so that each figure has a scale of its own."""
    host, figures = runs[-1]
    beside = [each for each in figures if each.beside]
    earlier = {
        each.name: [old.value for _, run in runs[:-1] for old in run if old.name == each.name] for each in beside
    }
    charts = [_pair(each, earlier[each.name]) for each in beside]
    title = alt.TitleParams(
        f"make {bench}: ours beside the yardstick",
        subtitle=[f"{host.at[:10]}, {host.cores} cores, load {host.load:.1f} when it began; dots: earlier runs"],
        anchor="start",
        color=look.INK,
        subtitleColor=look.GREY,
    )
    chart = (
        alt.vconcat(*charts, spacing=6, title=title, background="white")
        .configure(font=look.FONT, padding=8)
        .configure_view(stroke=None)
        .configure_axis(labelColor=look.INK, labelFontSize=12, labelLimit=330)
        .configure_text(fontSize=12, color=look.INK)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version="6.4", allowed_base_urls=[])
    return svg.rstrip() + "\n"


def _pair(figure: Figure, earlier: Sequence[float]) -> Any:
    assert figure.beside is not None
    yardstick = figure.beside
    ours = figure.name.strip()[:_LONGEST_NAME]
    rows = [
        {"what": ours, "value": figure.value, "said": figure.said, "ours": True},
        {
            "what": yardstick.name,
            "value": yardstick.value,
            "said": with_unit(yardstick.value, figure.unit),
            "ours": False,
        },
    ]
    longest = max(figure.value, yardstick.value, *earlier, 0.0)
    what = alt.Y(
        "what:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, minExtent=340, maxExtent=340)
    )
    value = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, longest * 1.3]))
    colour = alt.condition("datum.ours", alt.value(look.BLUE), alt.value("#a9b4ba"))
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=what, x=value)
    bars = base.mark_bar(height={"band": 0.8}).encode(color=colour)
    texts = base.mark_text(align="left", dx=5).encode(text="said:N")
    layers = bars + texts
    if earlier:
        dots = alt.Chart(alt.InlineData(values=[{"what": ours, "value": each} for each in earlier]))
        layers += dots.mark_point(filled=True, size=30, color=look.ORANGE, opacity=0.8).encode(y=what, x=value)
    return layers.properties(width=WIDTH, height=2 * BAR)
