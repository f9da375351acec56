"""``hub-matching verify``: a result rechecked without the solver."""

import typer

from hub_allocation.verify import Verdict, verify_folder
from hub_matching.cli.arguments import Input, PolicyFile, Result
from hub_matching.cli.before import Frozen, StandingFile, standing_file
from hub_matching.cli.endings import NOT_SOLVED, endings, report, say
from hub_matching.cli.live import waited


def verify_command(
    input_: Input, output: Result, *, policy: PolicyFile = None, standing: StandingFile = None, frozen: Frozen = False
) -> None:
    """Recheck the result in OUTPUT against INPUT: every rule, every level, and the proof; without the solver.

    A result solved with --standing (and --frozen) is checked with the same. Ends with 0 when accepted, 1 when refused
    (one line for each reason), 2 when INPUT
    can't be used or OUTPUT is no folder.
    """
    with endings():
        stood = standing_file(standing, frozen=frozen)
        verdict = waited(
            lambda: verify_folder(
                input_, output, policy_file=policy, standing_folder=stood and stood.parent, frozen=frozen
            )
        )
    for reason in verdict.reasons:
        say(f"refused: {reason}")
    if not verdict.accepted:
        raise typer.Exit(NOT_SOLVED)
    console = report()
    said = f"verified: {verdict.status}, {verdict.placements:,} placements, input {verdict.input_sha256}"
    console.print(said, markup=False)
    console.print(_rests_on(verdict), markup=False)


def _rests_on(verdict: Verdict) -> str:
    """What is proven, and by what."""
    where = "1 component" if verdict.searched == 1 else f"{verdict.searched:,} components"
    if verdict.status != "optimal":
        return f"every rule holds; not proven best: in {where} there may be a better one, within the bounds in run.json"
    if verdict.searched:
        return f"every rule holds; in {where} the prices alone don't prove the best: there it rests on the search"
    return "every rule holds, and no allocation is better"
