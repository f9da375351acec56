"""``hub-matching verify``: a result rechecked without the solver."""

from pathlib import Path

import typer

from hub_allocation.eligibility import find_pairs
from hub_allocation.folder import read_folder_policy
from hub_allocation.verify import verify, verify_folder
from hub_allocation.verify.verdict import Verdict
from hub_matching.cli.arguments import Input, PolicyFile, Result
from hub_matching.cli.before import Frozen, StandingFile, read_before
from hub_matching.cli.endings import NOT_SOLVED, endings, report, say
from hub_matching.cli.stored import read_result, stored_instance


def verify_command(
    input_: Input, output: Result, *, policy: PolicyFile = None, standing: StandingFile = None, frozen: Frozen = False
) -> None:
    """Recheck the result in OUTPUT against INPUT: every rule, every level, and the proof; without the solver.

    A result solved with --standing (and --frozen) is checked with the same. Ends with 0 when accepted, 1 when refused
    (one line for each reason), 2 when INPUT can't be used.
    """
    with endings():
        if standing is None and not frozen:
            verdict = verify_folder(input_, output, policy_file=policy)
        else:
            verdict = _changed(input_, output, policy, standing=standing, frozen=frozen)
    for reason in verdict.reasons:
        say(f"refused: {reason}")
    if not verdict.accepted:
        raise typer.Exit(NOT_SOLVED)
    console = report()
    said = f"verified: {verdict.status}, {verdict.placements} placements, input {verdict.input_sha256}"
    console.print(said, markup=False)
    if verdict.searched:
        said = (
            f"{verdict.searched} components whose rules form no network: within their bounds, best by the search alone"
        )
        console.print(said, markup=False)


def _changed(input_: Path, output: Path, policy: Path | None, *, standing: Path | None, frozen: bool) -> Verdict:
    """Verify a change run: its fewest moves, and what had to stay."""
    instance = stored_instance(input_, output)
    if policy is not None and read_folder_policy(input_, policy) != instance.policy:
        return Verdict((f"run.json: was not made under {policy.name}",), "", 0, {}, "")
    pairs = find_pairs(instance)
    before = read_before(instance, standing, frozen=frozen, pairs=pairs)
    if before is None:
        return verify(instance, read_result(output), pairs=pairs)
    return verify(instance, read_result(output), pairs=pairs, standing=before.standing.holds, fixed=before.fixed)
