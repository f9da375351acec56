"""Solves one share of a round: its network components in one flow, its other components one by one."""

from collections.abc import Callable

import numpy as np

from hub_allocation.components.partial import Partial, joined
from hub_allocation.components.prepared import Prepared
from hub_allocation.flow.network import build_market
from hub_allocation.flow.read_off import certificate_of
from hub_allocation.instance import Flags, Ints, Longs
from hub_allocation.levels import Level, level_values
from hub_allocation.lottery import pair_draws
from hub_allocation.progress import Reporter
from hub_allocation.proof.certificate import Certificate

Clock = Callable[[], float]


def solve_share(
    prepared: Prepared,
    share: Flags | None,
    *,
    clock: Clock,
    deadline: float,
    reporter: Reporter,
    workers: int = 1,
) -> Partial:
    """Solve one share.

    Args:
        prepared: the round.
        share: the share's pairs (P), whole components; None: all.
        clock: seconds of a clock that never goes back.
        deadline: when searching stops, by that clock.
        reporter: hears of progress, and stops the work.
        workers: how many processes may search side by side.

    Raises:
        Infeasible: the pins and the rules can't hold together.
        Stopped: the caller wants no answer any more.
    """
    mine = prepared.split.network if share is None else prepared.split.network & share
    parts = [part for part in prepared.split.parts if share is None or share[part[0]]]
    partials = [_network(prepared, mine, reporter=reporter, alone=not parts, workers=workers)]
    if parts:
        from hub_allocation.components.searched import solve_parts

        partials += solve_parts(prepared, parts, clock=clock, deadline=deadline, reporter=reporter, workers=workers)
    return joined(partials)


def _network(prepared: Prepared, within: Flags, *, reporter: Reporter, alone: bool, workers: int) -> Partial:
    """All network components of a share at once; ``alone``: there are no others, so its levels are the round's."""
    from hub_allocation.components.regions import solve_regions
    from hub_allocation.objectives.flows import best_allocation

    instance, pairs = prepared.instance, prepared.pairs
    reporter.check()
    market = build_market(instance, pairs, within=within, fixed=prepared.fixed, groups=prepared.split.groups)
    taken_out = np.flatnonzero(within & (pairs.pinned if prepared.fixed is None else pairs.pinned | prepared.fixed))

    def chosen_by(taken: Ints) -> Longs:
        """The pairs behind the options taken, the pins and what stays fixed."""
        return np.sort(np.concatenate([market.pair[taken[taken >= 0]], taken_out]))

    def levels_of(chosen: Longs, drawn: int) -> tuple[Level, ...]:
        return level_values(instance, pairs, chosen, drawn=drawn, standing=prepared.standing)

    def settled(taken: Ints) -> None:
        """Report every level but the lottery."""
        if alone:
            reporter.levels(levels_of(chosen_by(taken), 0)[:-1])

    optimum = solve_regions(
        instance, market, workers=workers, check=reporter.check, settled=settled, standing=prepared.standing
    ) or best_allocation(
        instance, market, prepared.ids, check=reporter.check, settled=settled, standing=prepared.standing
    )
    chosen = chosen_by(optimum.taken)
    drawn = int(pair_draws(instance, pairs, chosen).sum())
    bounds = np.array([level.value for level in levels_of(chosen, drawn)], dtype=np.int64)
    certificate: Certificate = certificate_of(market, optimum)
    return Partial(chosen, certificate, bounds, optimum.improved)
