"""``hub-matching recruit``: where one more seat would do most good."""

import csv
import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub_allocation.folder import check_place
from hub_allocation.outcome import csv_bytes
from hub_allocation.solve import Solved
from hub_matching.cli.arguments import COUNT, PATH, Input, Result, TimeLimit, named_path
from hub_matching.cli.endings import endings, report
from hub_matching.cli.explaining import solved_again
from hub_matching.cli.live import waited, watched
from hub_matching.cli.rounds import write_report
from hub_matching.cli.stored import stored

if TYPE_CHECKING:
    from hub_allocation.recruit import SeatValues
    from hub_allocation.recruit.suggest import Suggestion

Best = Annotated[
    int,
    typer.Option(
        "--best",
        min=0,
        metavar=COUNT,
        show_default=False,
        help="Also suggest so many seats, each confirmed by solving again",
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--out",
        parser=named_path,
        metavar=PATH,
        help="Folder for recruit.csv, demand.csv and, with --best, suggestions.csv",
    ),
]
MOST_SHOWN = 10


def recruit_command(
    input_: Input, output: Result, *, best: Best = 0, out: Report = None, time_limit: TimeLimit = None
) -> None:
    """Say what one more seat at each slot would gain, and set demand beside supply by sector and area.

    With --best K, K seats are suggested one after the other, each given those before it and confirmed by a new solve.
    """
    with endings():
        if out is not None:
            check_place(out)
        solved = waited(lambda: stored(input_, output))
        files, values = waited(lambda: seat_files(solved))
        found = suggested(solved, best, time_limit=time_limit) if best else []
        if best:
            files["suggestions.csv"] = suggestion_bytes(found, values)
        if out is not None:
            write_report(files, out)
    _show_seats(solved, values)
    _show_demand(files["demand.csv"])
    if best:
        show_suggestions(found)
    if out is not None:
        report().print(f"Written to {out}", markup=False)


def seat_files(solved: Solved) -> "tuple[dict[str, bytes], SeatValues]":
    """recruit.csv and demand.csv, and what they were made from."""
    from hub_allocation.recruit import demand, recruit_rows, seat_values
    from hub_allocation.recruit.demand import HEADER

    values = seat_values(solved.prepared, solved.chosen)
    rows = demand(solved.instance, solved.pairs, solved.chosen)
    files = {"recruit.csv": csv_bytes(*recruit_rows(solved.instance, values)), "demand.csv": csv_bytes(HEADER, rows)}
    return files, values


def suggested(solved: Solved, count: int, *, time_limit: float | None) -> "list[Suggestion]":
    """The best few seats, found while the person may stop it."""
    from hub_allocation.recruit.suggest import best_seats

    return watched(
        lambda progress, stopped: best_seats(
            solved, count, solve=partial(solved_again, time_limit=time_limit, stopped=stopped)
        )
    )


def suggestion_bytes(found: "list[Suggestion]", values: "SeatValues") -> bytes:
    """The file suggestions.csv."""
    from hub_allocation.recruit.suggest import HEADER

    header = (*HEADER, *values.names, *(f"confirmed_{name}" for name in values.names))
    return csv_bytes(header, (one.cells(step) for step, one in enumerate(found, start=1)))


def show_suggestions(found: "list[Suggestion]") -> None:
    """The suggested seats with what each was confirmed to change."""
    table = Table(title="Seats to recruit, best first, each confirmed by solving again", title_justify="left")
    for name in ("step", "sector", "area", "a seat like those of slot", "what it changes"):
        table.add_column(name)
    for step, one in enumerate(found, start=1):
        table.add_row(str(step), one.sector or "-", one.area or "-", one.slot_id, _changes(one.confirmed))
    console = report()
    console.print(table)
    if not found:
        console.print("No further seat would change anything but the draw", markup=False)


def _show_seats(solved: Solved, values: "SeatValues") -> None:
    from hub_allocation.recruit import slot_areas

    areas, slots = slot_areas(solved.instance), solved.instance.slots
    worth = values.worth()
    order = sorted(range(len(slots)), key=lambda at: [-gain for gain in worth[at].tolist()])[:MOST_SHOWN]
    table = Table(title="One more seat at a slot: the best", title_justify="left")
    for name in ("slot", "sector", "area", "what it changes", "how sure"):
        table.add_column(name)
    for at in order:
        if worth[at].any():
            change = dict(zip(values.names, values.change[at].tolist(), strict=True))
            kind = "exact" if values.exact[at] else "estimate"
            table.add_row(slots.ids[at], slots.sector[at] or "-", areas[at] or "-", _changes(change), kind)
    console = report()
    console.print(table)
    gaining = int(worth.any(axis=1).sum())
    console.print(f"{gaining:,} of {len(slots):,} slots would gain by one more seat", markup=False)


def _show_demand(data: bytes) -> None:
    header, *body = csv.reader(io.StringIO(data.decode(), newline=""))
    body.sort(key=lambda row: (-int(row[-1]), row))
    table = Table(title="Demand and supply: where most unplaced students could go", title_justify="left")
    for at, name in enumerate(header):
        table.add_column(name.replace("_", " "), justify="left" if at < 2 else "right")
    for row in body[:MOST_SHOWN]:
        table.add_row(row[0] or "-", row[1] or "-", *(f"{int(cell):,}" for cell in row[2:]))
    report().print(table)


def _changes(change: Mapping[str, int]) -> str:
    told = [f"{name.replace('_', ' ')} {value:+,}" for name, value in change.items() if value]
    return ", ".join(told) or "nothing"
