"""``hub-matching compare``: several policies on one round, side by side."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hub_allocation.errors import AllocationError, BadInput, Infeasible, InputError, Stopped
from hub_allocation.folder import check_place, read_file, read_files, read_folder_policy
from hub_allocation.instance import Instance
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Solved, solve
from hub_allocation.whatif.compare import Comparison, compare
from hub_allocation.whatif.disclosure import THRESHOLD
from hub_allocation.whatif.groups import Groups, read_groups
from hub_allocation.whatif.outcomes import Run
from hub_allocation.whatif.pictures import rank_picture
from hub_matching.cli.arguments import COUNT, PATH, Input, TimeLimit, Workers, named_path
from hub_matching.cli.endings import BAD_INPUT, NOT_SOLVED, cancelled, endings, infeasible, report, say
from hub_matching.cli.live import watched
from hub_matching.cli.rounds import json_bytes, write_report
from hub_matching.cli.solving import rules_in_the_way
from hub_matching.cli.tables import HIDDEN, changes_table, figures_table, group_tables, spread_table

Policies = Annotated[
    list[Path] | None,
    typer.Option(
        "--policy",
        parser=named_path,
        metavar=PATH,
        help="Policy file; name one for each run. The others are compared with the first",
    ),
]
GroupsFile = Annotated[
    Path | None,
    typer.Option(
        "--groups",
        parser=named_path,
        metavar=PATH,
        help="groups.csv (student_id, label): for the report only, never for solving",
    ),
]
Threshold = Annotated[
    int, typer.Option("--hide-below", min=1, metavar=COUNT, help="Counts of a group below this are hidden")
]
Report = Annotated[
    Path | None, typer.Option("--out", parser=named_path, metavar=PATH, help="Folder for compare.json and ranks.svg")
]


def compare_command(
    input_: Input,
    *,
    policy: Policies = None,
    groups: GroupsFile = None,
    hide_below: Threshold = THRESHOLD,
    out: Report = None,
    workers: Workers = 1,
    time_limit: TimeLimit = None,
) -> None:
    """Solve the round in INPUT under several policies and lay the results side by side.

    Levels, choices reached, travel, outcome by group, and who is better or worse off than under the first policy (ids
    in compare.json). With one --policy, INPUT's own policy comes first.
    """
    with endings():
        if out is not None:
            check_place(out)
        files = _policies(input_, policy or [])
        tables = read_files(input_)
        instances: dict[str, Instance] = {}
        for name, file in files.items():
            with _under(name, several=len(files) > 1):
                instances[name] = read_instance(tables, read_folder_policy(input_, file))
        first = next(iter(instances.values()))
        for notice in first.notices:
            say(f"notice: {notice}")
        found = _groups(groups, first, threshold=hide_below)
        runs: list[Run] = []
        for name, instance in instances.items():
            with _under(name, several=len(files) > 1):
                runs.append(Run(name, _solved(instance, workers=workers, time_limit=time_limit)))
        comparison = compare(runs, groups=found)
        if out is not None:
            told = {"compare.json": json_bytes(comparison.as_dict()), "ranks.svg": rank_picture(comparison).encode()}
            write_report(told, out)
    _show(comparison, out)


def _policies(folder: Path, given: list[Path]) -> dict[str, Path | None]:
    """A short name for each policy's file."""
    found: dict[str, Path | None] = {}
    if len(given) < 2:
        found["own policy"] = None
    for path in given:
        name = path.stem if path.stem not in found else str(path)
        if name in found:
            error = InputError(str(path), 0, "", "is named twice", "name each policy file once")
            raise BadInput([error])
        found[name] = path
    return found


def _groups(file: Path | None, instance: Instance, *, threshold: int) -> Groups | None:
    if file is None:
        return None
    data = read_file(file)
    if data is None:
        raise BadInput([InputError(str(file), 0, "", "is not there", "name a file with student_id and label")])
    return read_groups(data, instance.students.ids, threshold=threshold)


@contextmanager
def _under(name: str, *, several: bool) -> Iterator[None]:
    """Say of what goes wrong under which policy it does, where there are several."""
    where = f"under {name}: " if several else ""
    try:
        yield
    except BadInput as error:
        for line in error.errors:
            say(f"{where}{line}")
        raise typer.Exit(BAD_INPUT) from None
    except Infeasible as error:
        infeasible(error.rules, where=where)
    except Stopped:
        raise
    except AllocationError as error:
        say(f"error: {where}{error}")
        raise typer.Exit(NOT_SOLVED) from None


def _solved(instance: Instance, *, workers: int, time_limit: float | None) -> Solved:
    try:
        outcome = watched(
            lambda progress, stopped: solve(
                instance, clock=time.perf_counter, time_limit_s=time_limit, progress=progress, cancelled=stopped,
                workers=workers,
            )
        )  # fmt: skip
    except Infeasible as error:
        raise Infeasible(error.rules or rules_in_the_way(instance, None)) from None
    return outcome if isinstance(outcome, Solved) else cancelled()


def _show(comparison: Comparison, out: Path | None) -> None:
    console = report()
    console.print(figures_table(comparison))
    if len(comparison.sides) > 1:
        console.print(f"Rank costs are counted for all as under: {comparison.sides[0].name}", markup=False)
    ranks = {side.name: side.ranks for side in comparison.sides}
    travel = {side.name: side.travel for side in comparison.sides}
    console.print(spread_table("Students by the choice they reached", "choice", ranks))
    console.print(spread_table("Placements by minutes of travel", "minutes", travel))
    if comparison.movers:
        console.print(changes_table(comparison.movers))
    for table in group_tables(comparison):
        console.print(table)
    if comparison.groups is not None:
        least = comparison.groups.threshold
        said = f"{HIDDEN} hidden: below {least}, or another such count could be worked out from it"
        console.print(said, markup=False)
        if comparison.groups.pooled:
            console.print(f"Shown together: {', '.join(comparison.groups.pooled)}", markup=False)
    if out is not None:
        console.print(f"Written to {out}", markup=False)
