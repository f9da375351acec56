"""The whole check: files, rules, levels, words, proof, in this order."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.errors import BadInput, InputError
from hub_allocation.folder import POLICY, read_file, read_files, read_folder_policy
from hub_allocation.instance import Flags, Instance
from hub_allocation.levels import measures
from hub_allocation.reading.tables import read_instance
from hub_allocation.travel.provider import TravelProvider
from hub_allocation.verify.account import (
    account_faults,
    by_earlier_version,
    level_faults,
    read_run,
    stated_policy,
)
from hub_allocation.verify.case import Case
from hub_allocation.verify.drawn import Drawn
from hub_allocation.verify.limits import limit_faults
from hub_allocation.verify.placements import read_placements, shortened
from hub_allocation.verify.proof import Proof, prove, prove_stable
from hub_allocation.verify.recruit import read_recruit
from hub_allocation.verify.told import file_faults
from hub_allocation.verify.verdict import FILES, MOVES, TABLES, Refused, Verdict

if TYPE_CHECKING:
    from hub_allocation.change import Standing


def verify_folder(
    input_folder: Path,
    output_folder: Path,
    *,
    policy_file: Path | None = None,
    standing_folder: Path | None = None,
    frozen: bool = False,
) -> Verdict:
    """Verify a result's folder against its round's folder, under the policy that run.json states.

    Args:
        input_folder: the round.
        output_folder: the result.
        policy_file: the policy that the result must have been made under; None takes INPUT's policy.toml, and
            without one whatever policy run.json states.
        standing_folder: the result that stood before, for a change run.
        frozen: whether the change run had to leave everything that still holds.

    Raises:
        BadInput: the round itself can't be read, or the standing result; or there is no folder with a result.
    """
    files = read_files(input_folder)
    if not output_folder.is_dir():
        mend = "name the folder of a result that solve wrote"
        raise BadInput([InputError(str(output_folder), 0, "", "is not a folder", mend)])
    names = (*FILES, *TABLES, MOVES)
    output = {name: data for name in names if (data := read_file(output_folder / name)) is not None}
    stated = stated_policy(output)
    if stated is None:
        return Verdict(("run.json: is missing or states no readable policy",), "", 0, {}, "")
    asked = policy_file or input_folder / POLICY
    if (policy_file is not None or asked.is_file()) and read_folder_policy(input_folder, policy_file) != stated:
        return Verdict((f"run.json: was not made under {asked.name}",), "", 0, {}, "")
    missing = [f"{name}: is missing" for name in TABLES if name not in output]
    if missing:
        return Verdict(tuple(missing), "", 0, {}, "")
    instance = read_instance(files, stated)
    if standing_folder is None:
        return verify(instance, output)
    from hub_allocation.change import read_before

    pairs = find_pairs(instance)
    stood = read_file(standing_folder / "allocations.csv") or b""
    before = read_before(instance, pairs, stood, frozen=frozen)
    return verify(instance, output, standing=before.standing, fixed=before.fixed, pairs=pairs)


def verify(
    instance: Instance,
    output: Mapping[str, bytes],
    *,
    provider: TravelProvider | None = None,
    standing: "Flags | Standing | None" = None,
    fixed: Flags | None = None,
    pairs: Pairs | None = None,
    earlier: bool = False,
) -> Verdict:
    """Verify a result's files, by name, against the instance they claim to solve.

    Args:
        instance: the round, read under the policy it was to be solved under.
        output: the bytes of each of FILES, and of TABLES and MOVES as far as they are to be checked.
        provider: travel times where travel.csv has none; None takes the estimate, as solving does.
        standing: the allocation that stood, for a change run, or which pairs were its placements (P): then a
            moves.csv is not checked, because it also tells of placements that are no pair any more.
        fixed: those of them that had to stay (P).
        pairs: the round's P pairs, if they have been found already.
        earlier: whether a result of a version in READS is accepted, too: everything is checked but its words
            (explanations.jsonl, aggregates.csv), which this version would put otherwise. Of the explanations it is
            still checked whom and which slots they are about, and who is said to have which place.
    """
    status, placements, searched = "", 0, 0
    levels: dict[str, int] = {}
    holds = standing if standing is None or isinstance(standing, np.ndarray) else standing.holds
    try:
        run = read_run(output)
        status = str(run["status"])
        before = earlier and by_earlier_version(run)
        reasons = account_faults(instance, run, earlier=before)
        found = find_pairs(instance, provider=provider) if pairs is None else pairs
        chosen = read_placements(instance, found, output["allocations.csv"])
        placements = len(chosen)
        measured = measures(instance, found, standing=holds)
        case = Case(instance, found, chosen, holds, fixed, measured, Drawn(instance, found), output, run)
        reasons += shortened(limit_faults(instance, found, chosen, fixed=fixed))
        levels = case.values()
        reasons += level_faults(run, levels, maximised=case.maximised())
        reasons += file_faults(case, words=not before)
        if standing is not None and not isinstance(standing, np.ndarray):
            reasons += _moves_faults(case, standing)
        if not reasons:
            proof = _proof(case, earlier=before)
            reasons, searched = proof.faults, proof.searched
    except Refused as refused:
        reasons = list(refused.reasons)
    return Verdict(tuple(reasons), status, placements, levels, instance.input_sha256, searched)


def _proof(case: Case, *, earlier: bool) -> Proof:
    recruit = None
    if "recruit.csv" in case.output:
        recruit = read_recruit(case.instance, case.output["recruit.csv"], case.levels)
    return prove_stable(case, recruit) if case.stable else prove(case, recruit, earlier=earlier)


def _moves_faults(case: Case, standing: "Standing") -> list[str]:
    from hub_allocation.change import list_moves, moves_bytes

    right = moves_bytes(list_moves(case.instance, case.pairs, standing, case.chosen))
    if case.output.get(MOVES, right) == right:
        return []
    return [f"{MOVES}: does not tell the moves between the two allocations"]
