"""A stored result as the solver's own answer again, so that questions can be asked of it without solving anew."""

from pathlib import Path

from hub_allocation.components.prepared import prepare
from hub_allocation.eligibility import find_pairs
from hub_allocation.errors import BadInput, InputError
from hub_allocation.folder import read_file, read_files
from hub_allocation.instance import Instance
from hub_allocation.levels import Level
from hub_allocation.proof.certificate import no_prices
from hub_allocation.reading.tables import read_instance
from hub_allocation.solve import Solved
from hub_allocation.verify import FILES, MOVES, verify
from hub_allocation.verify.account import account_faults, read_run, stated_levels, stated_policy
from hub_allocation.verify.placements import read_placements
from hub_allocation.verify.verdict import Refused
from hub_matching.cli.before import before_from


def read_result(output: Path) -> dict[str, bytes]:
    """The files of a result's folder."""
    return {name: data for name in (*FILES, MOVES) if (data := read_file(output / name)) is not None}


def stored_instance(folder: Path, output: Path) -> Instance:
    """The round, read under the policy that its result was made under. Raises BadInput."""
    policy = stated_policy(read_result(output))
    if policy is None:
        raise _not_of_this(output, "is missing or states no readable policy")
    return read_instance(read_files(folder), policy)


def stored(folder: Path, output: Path, *, standing: Path | None = None, frozen: bool = False) -> Solved:
    """A result's placements and levels, checked to be of this round; its proof is not rechecked (see verify).

    Args:
        folder: the round.
        output: the result.
        standing: the allocation that the result changed: then all is checked, to be sure that it was this one.
        frozen: whether the result kept what still held of it.

    Raises:
        BadInput: the round can't be read, or the result is not of this round or did not change what stood.
    """
    instance = stored_instance(folder, output)
    pairs = find_pairs(instance)
    files = read_result(output)
    changed = before_from(instance, standing, frozen=frozen, pairs=pairs)
    if changed is None:
        prepared = prepare(instance, pairs=pairs)
    else:
        verdict = verify(instance, files, standing=changed.standing, fixed=changed.fixed, pairs=pairs)
        if not verdict.accepted:
            mend = "name what solve was given: --standing, and --frozen if that was said"
            raise BadInput(
                [InputError(str(output), 0, "", f"is not what became of {standing}: {verdict.reasons[0]}", mend)]
            )
        prepared = prepare(instance, standing=changed.standing.holds, fixed=changed.fixed, pairs=pairs)
    try:
        run = read_run(files)
        faults = account_faults(instance, run)
        if faults:
            raise Refused(*faults)
        chosen = read_placements(instance, prepared.pairs, files["allocations.csv"])
        levels = tuple(Level(*level) for level in stated_levels(run))
    except Refused as refused:
        raise _not_of_this(output, str(refused.reasons[0])) from None
    return Solved(prepared, chosen, levels, no_prices(()), 0)


def _not_of_this(output: Path, what: str) -> BadInput:
    return BadInput([InputError(str(output), 0, "", what, "name the folder of a result that solve wrote for INPUT")])
