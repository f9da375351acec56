"""The allocation that stands, for runs that change it as little as possible or keep it."""

from pathlib import Path
from typing import Annotated

import typer

from hub_allocation.change import Before, read_before
from hub_allocation.change.standing import WITHDRAWN
from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.errors import BadInput, InputError
from hub_allocation.folder import read_file
from hub_allocation.instance import Instance
from hub_matching.cli.arguments import PATH, named_path
from hub_matching.cli.endings import say

StandingFile = Annotated[
    Path | None,
    typer.Option(
        "--standing",
        parser=named_path,
        metavar=PATH,
        help="allocations.csv that stands: take the best result with fewest moves from it",
    ),
]
Frozen = Annotated[bool, typer.Option("--frozen", help="With --standing: keep every placement that still holds")]
ALLOCATIONS = "allocations.csv"


def before_from(instance: Instance, file: Path | None, *, frozen: bool, pairs: Pairs | None = None) -> Before | None:
    """Read the allocation that stands against the round as it is now; None when none was named. Raises BadInput."""
    path = standing_file(file, frozen=frozen)
    if path is None:
        return None
    found = find_pairs(instance) if pairs is None else pairs
    before = read_before(instance, found, read_file(path) or b"", frozen=frozen, file=str(path))
    stood, gone = before.standing.placements, [lost for lost in before.standing.lost if lost.reason == WITHDRAWN]
    if stood and len(gone) == len(stood):
        say(f"notice: nobody in {path} takes part in this round: it seems to be another round's")
    return before


def standing_file(named: Path | None, *, frozen: bool) -> Path | None:
    """The allocations.csv that was named by itself or by its folder; None when none was. Raises BadInput."""
    if named is None:
        if frozen:
            raise BadInput(
                [InputError("--frozen", 0, "", "has nothing to keep", "name the allocation with --standing")]
            )
        return None
    path = named / ALLOCATIONS if named.is_dir() else named
    if not path.is_file() or path.name != ALLOCATIONS:
        what = "is not there" if not path.is_file() else f"is not called {ALLOCATIONS}"
        raise BadInput([InputError(str(path), 0, "", what, "name an earlier result's folder or its allocations.csv")])
    return path
