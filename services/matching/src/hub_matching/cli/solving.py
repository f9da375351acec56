"""``hub-matching solve``: the best allocation of a round, proven, explained and written."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hub_allocation.change import Before, list_moves
from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import Infeasible, InputError, Stopped
from hub_allocation.folder import check_place, write_files
from hub_allocation.instance import Instance
from hub_allocation.result import Result, account, make_result
from hub_allocation.solve import Cancelled, Solved, solve
from hub_allocation.stopwatch import Stopwatch
from hub_allocation.whatif.outcomes import best_ranks, rank_spread, travel_spread
from hub_matching.cli.arguments import COUNT, PATH, Input, PolicyFile, TimeLimit, Workers, named_path
from hub_matching.cli.before import Frozen, StandingFile, before_from
from hub_matching.cli.changing import show_moves
from hub_matching.cli.endings import cancelled, endings, infeasible, report
from hub_matching.cli.live import watched
from hub_matching.cli.recruiting import seat_files, show_suggestions, suggested, suggestion_bytes
from hub_matching.cli.rounds import name_unknown_journeys, read_round, write_unsolved
from hub_matching.cli.tables import UNPLACED, level_table, spread_table
from hub_matching.memory import peak_rss_mb

Output = Annotated[
    Path, typer.Option("--out", parser=named_path, metavar=PATH, help="Folder that the result is written to")
]
Recruit = Annotated[
    int,
    typer.Option(
        "--recruit",
        min=0,
        metavar=COUNT,
        show_default=False,
        help="Also suggest so many seats to recruit, each confirmed by solving again",
    ),
]


def solve_command(
    input_: Input,
    *,
    out: Output,
    policy: PolicyFile = None,
    standing: StandingFile = None,
    frozen: Frozen = False,
    recruit: Recruit = 0,
    workers: Workers = 1,
    time_limit: TimeLimit = None,
) -> None:
    """Find the best allocation of the round in INPUT, prove it, explain it, and write it to OUT.

    Ends with 0 when solved, 2 when the input can't be used (one line for each error), 3 when the pins and the rules
    can't hold together (a smallest set of rules to drop is named), 130 when stopped by Ctrl-C. Unless it ends with 0
    a result that OUT holds already is left alone.
    """
    watch = Stopwatch(time.perf_counter)
    with endings():
        check_place(out)
        with watch.stage("read"):
            instance = read_round(input_, policy)
            before = before_from(instance, standing, frozen=frozen)
        try:
            outcome = watched(
                lambda progress, stopped: solve(
                    instance, clock=time.perf_counter, time_limit_s=time_limit, progress=progress, cancelled=stopped,
                    watch=watch, workers=workers, standing=None if before is None else before.standing.holds,
                    fixed=None if before is None else before.fixed,
                )
            )  # fmt: skip
        except Infeasible as error:
            rules = error.rules or rules_in_the_way(instance, before)
            write_unsolved(instance, out, status="infeasible", rules=rules)
            infeasible(rules)
        if isinstance(outcome, Cancelled):
            write_unsolved(instance, out, status=outcome.status)
            cancelled()
        name_unknown_journeys(instance, outcome.pairs)
        result = make_result(outcome, watch=watch, standing=None if before is None else before.standing)
        seats = suggested(outcome, recruit, time_limit=time_limit) if recruit else []
        with watch.stage("write"):
            files = result.files()
            if recruit:
                more, values = seat_files(outcome)
                files |= {**more, "suggestions.csv": suggestion_bytes(seats, values)}
        account(result, seconds={**watch.seconds, "total": watch.total()}, peak_rss_mb=peak_rss_mb())
        write_files({**files, "run.json": result.run_file()}, out)
    _show(outcome, result)
    if before is not None:
        show_moves(list_moves(instance, outcome.pairs, before.standing, outcome.chosen))
    if recruit:
        show_suggestions(seats)
    report().print(f"Written to {out}", markup=False)


def rules_in_the_way(instance: Instance, before: Before | None) -> tuple[InputError, ...]:
    """A smallest set of rules to drop from a round that nothing is feasible in."""
    from hub_allocation.infeasible import rules_to_drop

    fixed = None if before is None else before.fixed
    return watched(
        lambda progress, stopped: tuple(
            rules_to_drop(instance, find_pairs(instance), fixed=fixed, check=_stop(stopped))
        )
    )


def _stop(stopped: Callable[[], bool]) -> Callable[[], None]:
    def check() -> None:
        if stopped():
            raise Stopped

    return check


def _show(solved: Solved, result: Result) -> None:
    run, console = result.run, report()
    sizes = run["sizes"]
    proven = next(
        (f"not proven from {one['name']} on" for one in run["levels"] if one["value"] != one["bound"]), "proven"
    )
    console.print(f"{run['status']}: {proven}, in {run['seconds']['total']:.1f} s", markup=False)
    placed = sizes["students"] - sizes["unplaced"]
    console.print(f"{placed:,} of {sizes['students']:,} students placed, {sizes['unplaced']:,} unplaced", markup=False)
    console.print(level_table(run["levels"]))
    instance, pairs, chosen = solved.instance, solved.pairs, solved.chosen
    spread = rank_spread(best_ranks(instance, pairs, chosen))
    console.print(spread_table("Students by the choice they reached", "choice", {"students": spread}))
    console.print(
        spread_table("Placements by minutes of travel", "minutes", {"placements": travel_spread(pairs, chosen)})
    )
    reasons = Counter(reason.partition(":")[0] for _, reason in result.unplaced)
    if reasons:
        told = ", ".join(f"{UNPLACED.get(reason, reason)}: {count:,}" for reason, count in reasons.most_common())
        console.print(f"Why unplaced: {told}", markup=False)
