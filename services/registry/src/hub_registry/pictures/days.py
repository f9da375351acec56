"""How full each day is: seats used by sector, or by employer, and day, as a calendar."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from hub_registry.pictures import look
from hub_registry.pictures.model import Picture, PictureTable, Rows, Width, count, share

NAME: Final = "days"
OF_EMPLOYERS: Final = "employer-days"
MOST_DAYS: Final = 25
"""Days with a column of their own; more are put together by week."""


def days_in(dates: str) -> list[date]:
    """List the days of a slot's dates, "2027-06-07/2027-06-11;2027-06-14"."""
    found: set[date] = set()
    for part in filter(None, dates.split(";")):
        first, _, last = part.partition("/")
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
        found.update(begin + timedelta(days=number) for number in range((end - begin).days + 1))
    return sorted(found)


def tell(found: Iterable[tuple[str, Sequence[date], int, int]], *, name: str = NAME, of: str = "sector") -> Picture:
    """Say how full each day is.

    Args:
        found: (sector, its days, seats, seats used), any order. A seat of three days is a seat on each of them.
        name: the picture's.
        of: what the lines are of: "sector", or "employer".
    """
    all_ = f"All {of}s"
    slots = [(sector, days, seats, used) for sector, days, seats, used in found if days]
    weekly = len({day for _, days, _, _ in slots for day in days}) > MOST_DAYS
    cells: defaultdict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for sector, days, seats, used in slots:
        for day in sorted({_monday(day) for day in days} if weekly else set(days)):
            for what in (all_, sector):
                cells[what, day][0] += seats
                cells[what, day][1] += used
    columns = sorted({day for _, day in cells})
    sectors = [all_, *sorted({what for what, _ in cells} - {all_})] if cells else []
    rows: tuple[dict[str, Any], ...] = tuple(
        {"sector": what, "day": _label(day), "seats": cells[what, day][0], "used": cells[what, day][1]}
        for what in sectors
        for day in columns
        if (what, day) in cells
    )
    table = PictureTable(
        (f"{of.capitalize()}, seats used of seats {'in the week of' if weekly else 'on'}", *map(_label, columns)),
        tuple((what, *(_said(cells.get((what, day))) for day in columns)) for what in sectors),
    )
    if not rows:
        return Picture(name, NAME, "No slot has a date", "There is nothing to draw.", table, rows)
    totals = [row for row in rows if row["sector"] == all_]
    fullest = max(totals, key=lambda row: (row["used"] / max(1, row["seats"]), row["used"]))
    when = f"week of {fullest['day']}" if weekly else fullest["day"]
    part = share(fullest["used"], fullest["seats"])
    title = f"The fullest {'week' if weekly else 'day'}: {when}, {fullest['used']:,} of {fullest['seats']:,} seats used"
    description = (
        f"A calendar of {count(len(columns), 'week' if weekly else 'day')} and {count(len(sectors) - 1, of)}:"
        f" darker means fuller. At most, {part} of all seats are used."
    )
    return Picture(name, NAME, title, description, table, rows)


def chart(rows: Rows, width: Width) -> dict[str, Any]:
    """Draw a field for each sector and day, darker the fuller, with its percentage where there is room."""
    import altair as alt

    days = [row["day"] for row in rows if row["sector"] == rows[0]["sector"]]  # the first line has every day
    values = [
        {**row, "full": round(100 * row["used"] / row["seats"]) if row["seats"] else 0, "line": row["sector"]}
        for row in rows
    ]
    sectors = list(dict.fromkeys(row["sector"] for row in rows))
    names = alt.Axis(ticks=False, domain=False, labelLimit=130 if width is Width.NARROW else 280)
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "day:N",
            sort=days,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-90, labelOverlap="greedy", ticks=False, domain=False),
        ),
        y=alt.Y("line:N", sort=sectors, title=None, axis=names),
    )
    fields = base.mark_rect(stroke=look.GREY, strokeWidth=0.5).encode(
        color=alt.Color(
            "full:Q",
            scale=alt.Scale(domain=[0, 100], range=["#ffffff", look.BLUE], interpolate="rgb"),
            legend=alt.Legend(orient="bottom", title="Seats used, in 100", gradientLength=150, offset=10),
        )
    )
    height = 26 * len(sectors) + 170
    if width is Width.NARROW or len(days) * 30 > width.px - 220:
        return look.finished(alt.layer(fields), width, height=height)
    white = alt.condition("datum.full > 50", alt.value("white"), alt.value(look.INK))
    return look.finished(fields + base.mark_text(fontSize=12).encode(text="full:Q", color=white), width, height=height)


def _said(cell: Sequence[int] | None) -> str:
    return f"{cell[1]:,} of {cell[0]:,}" if cell else ""


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _label(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
