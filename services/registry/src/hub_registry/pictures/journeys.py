"""How long journeys to placements take: how many fall into each ten minutes, by the way of travelling."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub_registry.pictures import look
from hub_registry.pictures.model import Picture, PictureTable, Rows, Width, count, share

NAME: Final = "journeys"
STEP: Final = 10
"""Minutes that share a bar."""
MODES: Final[Mapping[str, str]] = {
    "walk": "Walking",
    "cycle": "Cycling",
    "public_transport": "Public transport",
    "car": "Car",
}
_COLOURS: Final = {
    "Walking": look.TEAL,
    "Cycling": look.PURPLE,
    "Public transport": look.BLUE,
    "Car": look.ORANGE,
}


def tell(by_minute: Iterable[tuple[str, int, int]], *, without: int) -> Picture:
    """Say how long journeys take.

    Args:
        by_minute: (mode, minutes one way, placements), any order.
        without: placements without a journey, because they are virtual.
    """
    minutes: Counter[int] = Counter()
    cells: Counter[tuple[int, str]] = Counter()
    for mode, taken, number in by_minute:
        minutes[taken] += number
        cells[taken // STEP * STEP, _words(mode)] += number
    all_ = minutes.total()
    modes = [words for words in _order(cells) if any(mode == words for _, mode in cells)]
    starts = range(0, max((start for start, _ in cells), default=0) + STEP, STEP) if all_ else ()
    rows = tuple({"from": start, "mode": mode, "number": cells[start, mode]} for start in starts for mode in modes)
    half, most = _at(minutes, 0.5), max(minutes, default=0)
    virtual = f" {count(without, 'placement is', 'placements are')} virtual and need no journey." if without else ""
    table = PictureTable(
        ("Minutes one way", *modes, "All"),
        tuple(
            (f"{start} to {start + STEP - 1}", *(cells[start, mode] for mode in modes),
             sum(cells[start, mode] for mode in modes))
            for start in starts
        ),
    )  # fmt: skip
    if not all_:
        return Picture(NAME, NAME, "No placement needs a journey", f"There is nothing to draw.{virtual}", table, rows)
    hour = sum(number for taken, number in minutes.items() if taken > 60)
    title = f"Half of all journeys take {half} minutes or less, one way; the longest takes {most}"
    description = (
        f"Bars by ten minutes: of {count(all_, 'journey')}, {share(hour, all_)} take more than an hour"
        f" and the longest takes {count(most, 'minute')}.{virtual}"
    )
    return Picture(NAME, NAME, title, description, table, rows)


def chart(rows: Rows, width: Width) -> dict[str, Any]:
    """Draw a histogram, one colour for each way of travelling."""
    import altair as alt

    modes = list(dict.fromkeys(row["mode"] for row in rows))
    values = [{**row, "to": row["from"] + STEP, "place": modes.index(row["mode"])} for row in rows]
    ends = sorted({end for row in values for end in (row["from"], row["to"])})
    drawn = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(orient="vertical", stroke="white", strokeWidth=1)
        .encode(
            x=alt.X(
                "from:Q",
                title="Minutes one way",
                scale=alt.Scale(domain=[ends[0], ends[-1]], nice=False, padding=0),
                axis=alt.Axis(values=ends, grid=False, labelOverlap=True),
            ),
            x2="to:Q",
            y=alt.Y("number:Q", title="Placements", stack="zero", axis=alt.Axis(tickMinStep=1, format=",d")),
            color=alt.Color(
                "mode:N",
                sort=modes,
                scale=alt.Scale(domain=modes, range=[_COLOURS.get(mode, look.GREY) for mode in modes]),
                legend=alt.Legend(
                    orient="top", title=None, columns=2 if width is Width.NARROW else 5, symbolType="square"
                ),
            ),
            order="place:Q",
        )
    )
    return look.finished(drawn, width, height=320)


def _order(cells: Iterable[tuple[int, str]]) -> list[str]:
    others = sorted({mode for _, mode in cells} - set(MODES.values()))
    return [*MODES.values(), *others]


def _words(mode: str) -> str:
    return MODES.get(mode) or (mode[:1].upper() + mode[1:]).replace("_", " ")


def _at(minutes: Counter[int], part: float) -> int:
    """Give the least time that at least this part of the journeys takes no longer than."""
    reached = 0
    for taken in sorted(minutes):
        reached += minutes[taken]
        if reached >= part * minutes.total():
            return taken
    return 0
