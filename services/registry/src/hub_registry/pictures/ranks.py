"""Which choices students got: a bar for each rank, and one for those without a place."""

from collections.abc import Mapping
from typing import Any, Final

from hub_registry.pictures import look
from hub_registry.pictures.model import Picture, PictureTable, Rows, Width, count, share

NAME: Final = "ranks"
LAST: Final = 10
"""Ranks with a bar of their own; those below share one."""
_ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def tell(by_rank: Mapping[int | None, int], *, unplaced: int) -> Picture:
    """Say which choices students got.

    Args:
        by_rank: placements by rank, None for those that were fixed without one.
        unplaced: students without a place.
    """
    rows = rows_of(by_rank, unplaced)
    all_, first = sum(by_rank.values()), by_rank.get(1, 0)
    top = sum(by_rank.get(rank, 0) for rank in (1, 2, 3))
    title = f"{share(first, all_)} of placements are the student’s first choice" if all_ else "Nobody has a place"
    description = (
        f"Bars: of {count(all_, 'placement')}, {first:,} are first choices and {top:,} among the first three;"
        f" {count(unplaced, 'student has', 'students have')} no place."
    )
    table = PictureTable(
        ("What students got", "Number", "Share of placements"),
        tuple((row["what"], row["number"], row["share"]) for row in rows),
    )
    return Picture(NAME, NAME, title, description, table, rows)


def rows_of(by_rank: Mapping[int | None, int], unplaced: int) -> tuple[Mapping[str, Any], ...]:
    """Give a row for each choice that is among ``by_rank``, and one for those without a place."""
    all_ = sum(by_rank.values())
    ranks = [rank for rank in by_rank if rank is not None]
    rows = [
        (f"{_ordinal(rank)} choice", by_rank.get(rank, 0)) for rank in range(1, min(LAST, max(ranks, default=1)) + 1)
    ]
    if any(rank > LAST for rank in ranks):
        lower = sum(number for rank, number in by_rank.items() if rank is not None and rank > LAST)
        rows.append((f"{_ordinal(LAST + 1)} choice or lower", lower))
    if None in by_rank:
        rows.append(("Fixed by the hub", by_rank[None]))
    placed = [{"what": what, "number": number, "share": share(number, all_), "bad": False} for what, number in rows]
    return (*placed, {"what": "No place", "number": unplaced, "share": "", "bad": True})


def chart(rows: Rows, width: Width) -> dict[str, Any]:
    """Draw a bar for each row, with its figure at its end; what is bad for students stands out."""
    import altair as alt

    values = [{**row, "said": f"{row['number']:,}" + (f" ({row['share']})" if row["share"] else "")} for row in rows]
    longest = max((row["number"] for row in rows), default=0) or 1
    what = alt.Y("what:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False))
    # Room for the figure at the end of the longest bar.
    number = alt.X(
        "number:Q", axis=None, scale=alt.Scale(domain=[0, longest * (1.9 if width is Width.NARROW else 1.2)])
    )
    colour = alt.condition("datum.bad", alt.value(look.ORANGE), alt.value(look.BLUE))
    base = alt.Chart(alt.InlineData(values=values)).encode(y=what, x=number)
    bars = base.mark_bar(height={"band": 0.75}).encode(color=colour)
    texts = base.mark_text(align="left", dx=5).encode(text="said:N")
    return look.finished(bars + texts, width, height=30 * len(rows) + 10)


def _ordinal(rank: int) -> str:
    return f"{rank}{_ENDINGS.get(rank, 'th')}"
