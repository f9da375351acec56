"""Writing SVG for pictures that Vega-Lite has no chart for: elements with attributes, never with a style."""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from hub_registry.pictures import look

LETTER_PX: Final = 0.52
"""Width of a letter beside the height of the line, on average and in Arial."""


def element(name: str, body: str = "", **attributes: str | float) -> str:
    """Write an element; ``stroke_width`` becomes stroke-width."""
    said = "".join(
        f" {key.replace('_', '-')}={quoteattr(f'{value:.1f}' if isinstance(value, float) else str(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{said}>{body}</{name}>"


def text(words: str, x: float, y: float, *, anchor: str = "start") -> str:
    """Write words with their middle line at ``y``, with a white edge so that they can be read on anything."""
    return element(
        "text",
        escape(words),
        x=x,
        y=y + look.LETTERS_PX * 0.36,
        text_anchor=anchor,
        font_family=look.FONT,
        font_size=look.LETTERS_PX,
        fill=look.INK,
        stroke="white",
        stroke_width=3,
        stroke_linejoin="round",
        paint_order="stroke",
    )


def short(words: str, room_px: float) -> str:
    """Shorten words to the room there is."""
    fits = max(3, int(room_px / (look.LETTERS_PX * LETTER_PX)))
    return words if len(words) <= fits else words[: fits - 1].rstrip() + "…"


def document(body: str, *, width: int, height: int) -> str:
    """Make the whole picture, on white."""
    paper = element("rect", width=width, height=height, fill="white")
    return element(
        "svg",
        paper + body,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
    )
