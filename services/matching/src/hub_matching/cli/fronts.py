"""``hub-matching pareto``: what rank cost trades for in minutes and in priority."""

import time
from pathlib import Path
from typing import Annotated

import typer

from hub_allocation.components.prepared import Prepared, prepare
from hub_allocation.folder import check_place
from hub_allocation.outcome import ALLOCATION_HEADER, csv_bytes, placements_of
from hub_allocation.progress import Reporter
from hub_allocation.whatif.pareto import AGAINST, MOST_POINTS, Front, front
from hub_allocation.whatif.pictures import front_picture
from hub_allocation.whatif.weighing import PriorityNeeded
from hub_matching.cli.arguments import COUNT, PATH, Input, PolicyFile, TimeLimit, named_path
from hub_matching.cli.endings import endings, report, say
from hub_matching.cli.live import watched
from hub_matching.cli.rounds import json_bytes, read_round, write_report
from hub_matching.cli.tables import front_table

Against = Annotated[
    list[str] | None,
    typer.Option("--against", metavar="minutes|priority", help="What to set against rank cost [default: both]"),
]
Points = Annotated[int, typer.Option("--points", min=2, max=1000, metavar=COUNT, help="So many points at most")]
Every = Annotated[
    bool, typer.Option("--every", help="In small rounds: every point that no other beats in both, not the corners only")
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--out",
        parser=named_path,
        metavar=PATH,
        help="Folder for pareto.json, a picture of each trade, and the allocation of each point",
    ),
]


def pareto_command(
    input_: Input,
    *,
    policy: PolicyFile = None,
    against: Against = None,
    points: Points = MOST_POINTS,
    every: Every = False,
    out: Report = None,
    time_limit: TimeLimit = None,
) -> None:
    """Show what a lower rank cost takes in minutes of travel and in priority, with as many students placed.

    Each point is an allocation of its own, checked against every rule. Shown are the points that are best for some
    exchange rate between the two; every other allocation lies on or above the lines that join them.
    """
    for name in against or ():
        if name not in AGAINST:
            raise typer.BadParameter(f"{name} is not one of {', '.join(AGAINST)}", param_hint="--against")
    found: list[Front] = []
    with endings():
        if out is not None:
            check_place(out)
        instance = read_round(input_, policy)
        prepared = prepare(instance)
        limit = instance.policy.time_limit_seconds if time_limit is None else time_limit
        for name in against or AGAINST:
            try:
                found.append(_front(prepared, name, most=points, every=every, limit_s=limit))
            except PriorityNeeded as error:
                say(f"no front against {name}: {error}")
        if out is not None:
            write_report(_files(prepared, found), out)
    _show(found, out)


def _front(prepared: Prepared, against: str, *, most: int, every: bool, limit_s: float) -> Front:
    clock = time.perf_counter
    begun = clock()
    return watched(
        lambda progress, stopped: front(
            prepared, against=against, clock=clock, deadline=begun + limit_s,
            reporter=Reporter(progress, clock=clock, start=begun, cancelled=stopped), most=most,
            every=every,
        )
    )  # fmt: skip


def _files(prepared: Prepared, found: list[Front]) -> dict[str, bytes]:
    files = {"pareto.json": json_bytes([one.as_dict() for one in found])}
    for one in found:
        files[f"{one.against}.svg"] = front_picture(one).encode()
        for at, point in enumerate(one.points, start=1):
            rows = placements_of(prepared.instance, prepared.pairs, point.chosen)
            name = f"{one.against}/{at:02d}-allocations.csv"
            files[name] = csv_bytes(ALLOCATION_HEADER, (row.cells() for row in rows))
    return files


def _show(found: list[Front], out: Path | None) -> None:
    console = report()
    for one in found:
        console.print(front_table(one))
        if not all(point.corner for point in one.points):
            console.print("* not a corner: best for no exchange rate, or not alone in that", markup=False)
        if len(one.points) == 1 and one.complete:
            console.print("Nothing to trade: one allocation is best in both", markup=False)
        held = ", ".join(f"{value:,} {name}" for name, value in one.held.items())
        console.print(f"The same at every point: {held}", markup=False)
        if not one.proven:
            console.print("Not every point is proven: more --time-limit may find better and further ones", markup=False)
        elif not one.complete:
            console.print("There are more points: ask for more --points or --time-limit", markup=False)
    if out is not None:
        console.print(f"Written to {out}", markup=False)
