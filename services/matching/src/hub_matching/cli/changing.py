"""``hub-matching change``: who moves between an allocation that stood and a result."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub_allocation.change import Move, list_moves, moves_bytes
from hub_matching.cli.arguments import PATH, Input, Result, named_path
from hub_matching.cli.before import before_from
from hub_matching.cli.endings import endings, report
from hub_matching.cli.live import waited
from hub_matching.cli.rounds import check_file_place, write_file
from hub_matching.cli.stored import stored

BeforeFile = Annotated[
    Path,
    typer.Argument(
        metavar="BEFORE", parser=named_path, help="allocations.csv that stood before, or the folder of its result"
    ),
]
MovesFile = Annotated[
    Path | None, typer.Option("--out", parser=named_path, metavar=PATH, help="File for the whole list (CSV)")
]
MOST_SHOWN = 40
REASONS = {
    "withdrawn": "takes no part any more",
    "lost_slot": "slot not offered any more",
    "declined": "no longer asks for the slot",
    "pinned": "fixed by the hub",
    "lost_seat": "slot has fewer seats",
    "not_run": "the slot's group did not come about",
    "rearranged": "worse off, though nobody new has the seat",
    "displaced": "seat went to another, worse off",
    "improved": "better choice",
    "exchanged": "as good a choice",
    "new": "had no placement before",
}


def change_command(input_: Input, before: BeforeFile, output: Result, *, out: MovesFile = None) -> None:
    """List who moves from where to where, and why, between BEFORE and the result in OUTPUT (for the round in INPUT).

    To change an allocation as little as possible, or not at all where it still holds, solve with --standing.
    """
    with endings():
        if out is not None:
            check_file_place(out)
        solved = waited(lambda: stored(input_, output))
        found = before_from(solved.instance, before, frozen=False, pairs=solved.pairs)
        assert found is not None  # noqa: S101  a file was named
        moves = list_moves(solved.instance, solved.pairs, found.standing, solved.chosen)
        if out is not None:
            write_file(moves_bytes(moves), out)
    show_moves(moves, listed=out is not None)
    if out is not None:
        report().print(f"Written to {out}", markup=False)


def show_moves(moves: list[Move], *, listed: bool = True) -> None:
    """The moves, the first of many, and how many there are for each reason; ``listed``: whether a file has them all."""
    console = report()
    if not moves:
        console.print("Nobody moves", markup=False)
        return
    table = Table(title=f"{len(moves):,} {'move' if len(moves) == 1 else 'moves'}", title_justify="left")
    for name in ("student", "from", "to", "why"):
        table.add_column(name)
    for move in moves[:MOST_SHOWN]:
        table.add_row(move.student_id, move.from_slot_id or "-", move.to_slot_id or "-", reason_words(move.reason))
    console.print(table)
    if len(moves) > MOST_SHOWN:
        where = "the file has them all" if listed else "--out FILE writes them all"
        console.print(f"and {len(moves) - MOST_SHOWN:,} more ({where})", markup=False)
    counts = Counter(reason_words(move.reason) for move in moves)
    console.print(", ".join(f"{reason}: {count:,}" for reason, count in counts.most_common()), markup=False)


def reason_words(reason: str) -> str:
    """A reason in plain words."""
    code, _, rule = reason.partition(":")
    return f"no longer possible ({rule})" if code == "not_feasible" else REASONS.get(code, code)
