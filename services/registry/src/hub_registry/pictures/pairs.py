"""Two bars for each row: how one thing is beside another."""

from typing import Any, Final

from hub_registry.pictures import look
from hub_registry.pictures.model import Rows, Width

KIND: Final = "pairs"


def chart(rows: Rows, width: Width) -> dict[str, Any]:
    """Draw a bar for each row; those of the same ``what`` stand together, ``kind`` has its colour."""
    import altair as alt

    values = [dict(row) for row in rows]
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    longest = max((row["number"] for row in rows), default=0) or 1
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False)),
        yOffset=alt.YOffset("kind:N", sort=kinds),
        x=alt.X("number:Q", axis=None, scale=alt.Scale(domain=[0, longest * (1.4 if width is Width.NARROW else 1.1)])),
    )
    bars = base.mark_bar().encode(
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[look.ORANGE, look.BLUE]),
            legend=alt.Legend(orient="top", title=None),
        )
    )
    texts = base.mark_text(align="left", dx=4).encode(text=alt.Text("number:Q", format=","))
    return look.finished(bars + texts, width, height=22 * len(rows) + 40)
