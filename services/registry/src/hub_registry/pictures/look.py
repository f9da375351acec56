"""How every picture looks: colours that people with any colour vision tell apart and that print, letters, size.

Each colour has at least 3:1 against white (WCAG 2.2, 1.4.11); they differ in lightness, not in hue alone.
"""

from typing import TYPE_CHECKING, Any, Final

from hub_registry.pictures.model import Width

if TYPE_CHECKING:
    import altair as alt

INK: Final = "#0b0c0c"
GREY: Final = "#6f777b"
PALE: Final = "#e3e8ea"
BLUE: Final = "#0b4f6c"
ORANGE: Final = "#c25700"
TEAL: Final = "#2a9d8f"
PURPLE: Final = "#8e5ea2"
FONT: Final = "Arial, 'Liberation Sans', Helvetica, sans-serif"
"""Nothing is fetched: the reader's own; all three have the widths that the picture is laid out with."""
LETTERS_PX: Final = 14


def finished(chart: "alt.LayerChart | alt.Chart | alt.FacetChart", width: Width, *, height: int) -> dict[str, Any]:
    """Give a chart its size and letters; the specification in Vega-Lite."""
    import altair as alt

    sized = chart.properties(
        width=width.px, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding"), background="white"
    )
    styled = (
        sized.configure(font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=LETTERS_PX,
            titleFontSize=LETTERS_PX,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor=PALE,
            domainColor=GREY,
            tickColor=GREY,
            labelLimit=130 if width is Width.NARROW else 260,
        )
        .configure_legend(labelFontSize=LETTERS_PX, titleFontSize=LETTERS_PX, labelColor=INK, titleColor=INK)
        .configure_text(fontSize=LETTERS_PX, color=INK)
    )
    made: dict[str, Any] = styled.to_dict()
    return made
