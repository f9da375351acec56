"""The whole check: files, rules, levels, words, proof, in this order."""

from collections.abc import Mapping
from pathlib import Path

from hub_allocation.eligibility import Pairs, find_pairs
from hub_allocation.folder import read_files, read_folder_policy
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.levels import LOTTERY, level_values, measures
from hub_allocation.lottery import draws
from hub_allocation.reading.tables import read_instance
from hub_allocation.travel.provider import TravelProvider
from hub_allocation.verify.account import Run, account_faults, level_faults, read_run, stated_levels, stated_policy
from hub_allocation.verify.limits import limit_faults
from hub_allocation.verify.placements import read_placements, shortened
from hub_allocation.verify.proof import Proof, prove, prove_stable
from hub_allocation.verify.told import file_faults
from hub_allocation.verify.verdict import FILES, Refused, Verdict


def verify_folder(input_folder: Path, output_folder: Path, *, policy_file: Path | None = None) -> Verdict:
    """Verify a result's folder against its round's folder, under the policy that run.json states.

    Args:
        input_folder: the round.
        output_folder: the result.
        policy_file: if given, the result must have been made under this policy.

    Raises:
        BadInput: the round itself can't be read.
    """
    files = read_files(input_folder)
    output = {name: (output_folder / name).read_bytes() for name in FILES if (output_folder / name).is_file()}
    stated = stated_policy(output)
    if stated is None:
        return Verdict(("run.json: is missing or states no readable policy",), "", 0, {}, "")
    if policy_file is not None and read_folder_policy(input_folder, policy_file) != stated:
        return Verdict((f"run.json: was not made under {policy_file.name}",), "", 0, {}, "")
    return verify(read_instance(files, stated), output)


def verify(
    instance: Instance,
    output: Mapping[str, bytes],
    *,
    provider: TravelProvider | None = None,
    standing: Flags | None = None,
    fixed: Flags | None = None,
    pairs: Pairs | None = None,
) -> Verdict:
    """Verify a result's files, by name, against the instance they claim to solve.

    Args:
        instance: the round, read under the policy it was to be solved under.
        output: the bytes of each of FILES.
        provider: travel times where travel.csv has none; None takes the estimate, as solving does.
        standing: the pairs that were placements of the allocation that stood (P), for a change run.
        fixed: those of them that had to stay (P).
        pairs: the round's P pairs, if they have been found already.
    """
    status, placements, searched = "", 0, 0
    levels: dict[str, int] = {}
    try:
        run = read_run(output)
        status = str(run["status"])
        reasons = account_faults(instance, run)
        found = find_pairs(instance, provider=provider) if pairs is None else pairs
        chosen = read_placements(instance, found, output["allocations.csv"])
        placements = len(chosen)
        reasons += shortened(limit_faults(instance, found, chosen, fixed=fixed))
        levels, maximised = _levels(instance, found, chosen, standing=standing)
        reasons += level_faults(run, levels, maximised=maximised)
        reasons += file_faults(instance, found, chosen, output=output, run=run)
        if not reasons:
            data = output["certificate.csv"]
            proof = _proof(instance, found, chosen, data=data, run=run, standing=standing, fixed=fixed)
            reasons, searched = proof.faults, proof.searched
    except Refused as refused:
        reasons = list(refused.reasons)
    return Verdict(tuple(reasons), status, placements, levels, instance.input_sha256, searched)


def _levels(
    instance: Instance, pairs: Pairs, chosen: Longs, *, standing: Flags | None
) -> tuple[dict[str, int], dict[str, bool]]:
    """The value of each level, and whether it is to be large."""
    if instance.policy.objective == "stable":
        from hub_allocation.objectives.stable import stable_levels

        counted = stable_levels(instance, pairs, chosen)
        names = [level.name for level in counted]
        return {level.name: level.value for level in counted}, dict.fromkeys(names, False)
    names_of = zip(pairs.student[chosen].tolist(), pairs.slot[chosen].tolist(), strict=True)
    ids = [(instance.students.ids[who], instance.slots.ids[what]) for who, what in names_of]
    drawn = int(draws(instance.policy.lottery_seed, ids).sum())
    counted = level_values(instance, pairs, chosen, drawn=drawn, standing=standing)
    maximised = {measure.name: measure.maximise for measure in measures(instance, pairs, standing=standing)}
    return {level.name: level.value for level in counted}, {**maximised, LOTTERY: False}


def _proof(
    instance: Instance,
    pairs: Pairs,
    chosen: Longs,
    *,
    data: bytes,
    run: Run,
    standing: Flags | None,
    fixed: Flags | None,
) -> Proof:
    if instance.policy.objective == "stable":
        return prove_stable(instance, pairs, chosen, data=data)
    levels = measures(instance, pairs, standing=standing)
    return prove(instance, pairs, chosen, data=data, stated=stated_levels(run), levels=levels, fixed=fixed)
