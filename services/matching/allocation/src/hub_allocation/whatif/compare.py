"""Several policies on one round, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub_allocation.instance import Ints
from hub_allocation.levels import LOTTERY, level_values
from hub_allocation.policy import Policy
from hub_allocation.whatif.groups import Groups, GroupTable, group_table
from hub_allocation.whatif.movers import Movers, movers
from hub_allocation.whatif.outcomes import Run, best_ranks, rank_spread, travel_spread


@dataclass(frozen=True, slots=True)
class Side:
    """One run in figures."""

    name: str
    status: str
    policy: dict[str, Any]
    levels: tuple[tuple[str, int, int], ...]
    """(name, value, bound) in the order of the run's own objective."""
    figures: dict[str, int]
    """The same measures of every run, whatever its objective: those of ``balanced`` but the lottery."""
    ranks: dict[str, int]
    travel: dict[str, int]
    groups: GroupTable | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {
            "name": self.name,
            "status": self.status,
            "policy": self.policy,
            "levels": [{"name": name, "value": value, "bound": bound} for name, value, bound in self.levels],
            "figures": self.figures,
            "ranks": self.ranks,
            "travel": self.travel,
            "groups": None if self.groups is None else self.groups.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs of one round, and who wins and loses between the first and each other."""

    input_sha256: str
    sides: tuple[Side, ...]
    movers: tuple[Movers, ...]
    groups: Groups | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it; hidden cells of groups are null."""
        found: dict[str, Any] = {
            "input_sha256": self.input_sha256,
            "runs": [side.as_dict() for side in self.sides],
            "changes": [one.as_dict() for one in self.movers],
        }
        if self.groups is not None:
            found["groups"] = {"threshold": self.groups.threshold, "pooled": list(self.groups.pooled)}
        return found


def compare(runs: Sequence[Run], *, groups: Groups | None = None) -> Comparison:
    """Lay runs of one round side by side.

    Args:
        runs: one or more, of the same input under different policies; the first is what the others are compared with.
        groups: the round's groups, for reporting only.
    """
    first = runs[0]
    ranks = [best_ranks(run.instance, run.pairs, run.solved.chosen) for run in runs]
    names = first.instance.students.ids
    return Comparison(
        input_sha256=first.instance.input_sha256,
        sides=tuple(
            _side(run, found, groups, figures=_figures(run, first.instance.policy))
            for run, found in zip(runs, ranks, strict=True)
        ),
        movers=tuple(
            movers(names, (first.name, ranks[0]), (run.name, found))
            for run, found in zip(runs[1:], ranks[1:], strict=True)
        ),
        groups=groups,
    )


def _figures(run: Run, policy: Policy) -> dict[str, int]:
    """What can be compared across objectives; one policy's rank costs are counted for all, or they could not be."""
    instance, pairs, chosen = run.instance, run.pairs, run.solved.chosen
    counted = replace(instance, policy=replace(policy, objective="balanced"))
    found = level_values(counted, pairs, chosen, drawn=0)
    return {level.name: level.value for level in found if level.name != LOTTERY}


def _side(run: Run, ranks: Ints, groups: Groups | None, *, figures: dict[str, int]) -> Side:
    solved, chosen = run.solved, run.solved.chosen
    return Side(
        name=run.name,
        status=solved.status,
        policy=run.instance.policy.as_dict(),
        levels=tuple((level.name, level.value, level.bound) for level in solved.levels),
        figures=figures,
        ranks=rank_spread(ranks),
        travel=travel_spread(run.pairs, chosen),
        groups=None if groups is None else group_table(groups, ranks),
    )
