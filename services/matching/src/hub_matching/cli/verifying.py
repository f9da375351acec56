"""``hub-matching verify``: a result rechecked without the solver."""

import typer

from hub_allocation.verify import verify_folder
from hub_matching.cli.arguments import Input, PolicyFile, Result
from hub_matching.cli.endings import NOT_SOLVED, endings, report, say


def verify_command(input_: Input, output: Result, policy: PolicyFile = None) -> None:
    """Recheck the result in OUTPUT against INPUT: every rule, every level, and the proof; without the solver.

    Ends with 0 when accepted, 1 when refused (one line for each reason), 2 when INPUT can't be used.
    """
    with endings():
        verdict = verify_folder(input_, output, policy_file=policy)
    for reason in verdict.reasons:
        say(f"refused: {reason}")
    if not verdict.accepted:
        raise typer.Exit(NOT_SOLVED)
    said = f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}"
    report().print(said, markup=False)
