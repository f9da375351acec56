"""``hub-matching verify``: a result rechecked without the solver."""

import typer

from hub_allocation.verify import verify_folder
from hub_matching.cli.arguments import Input, PolicyFile, Result
from hub_matching.cli.before import Frozen, StandingFile, standing_file
from hub_matching.cli.endings import NOT_SOLVED, endings, report, say


def verify_command(
    input_: Input, output: Result, *, policy: PolicyFile = None, standing: StandingFile = None, frozen: Frozen = False
) -> None:
    """Recheck the result in OUTPUT against INPUT: every rule, every level, and the proof; without the solver.

    A result solved with --standing (and --frozen) is checked with the same. Ends with 0 when accepted, 1 when refused
    (one line for each reason), 2 when INPUT can't be used.
    """
    with endings():
        stood = standing_file(standing, frozen=frozen)
        verdict = verify_folder(
            input_, output, policy_file=policy, standing_folder=stood and stood.parent, frozen=frozen
        )
    for reason in verdict.reasons:
        say(f"refused: {reason}")
    if not verdict.accepted:
        raise typer.Exit(NOT_SOLVED)
    console = report()
    said = f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}"
    console.print(said, markup=False)
    if verdict.searched:
        parts = "1 component" if verdict.searched == 1 else f"{verdict.searched} components"
        console.print(f"{parts} within proven bounds; that none is better there rests on the search", markup=False)
