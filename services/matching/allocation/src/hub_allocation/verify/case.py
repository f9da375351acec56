"""A result as far as it has been read: what the later checks start from."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub_allocation.eligibility import Pairs
from hub_allocation.instance import Flags, Instance, Longs
from hub_allocation.levels import LOTTERY, Measure, level_values
from hub_allocation.verify.account import Run
from hub_allocation.verify.drawn import Drawn


@dataclass(frozen=True, slots=True)
class Case:
    """Placements, known to be feasible pairs, with all that is said about them."""

    instance: Instance
    pairs: Pairs
    chosen: Longs
    """The pairs that are placements, rising."""
    standing: Flags | None
    fixed: Flags | None
    """Pairs that had to stay beside the pins (P)."""
    levels: tuple[Measure, ...]
    """Every level but the lottery."""
    drawn: Drawn
    output: Mapping[str, bytes]
    run: Run

    @property
    def stable(self) -> bool:
        """Whether the objective is ``stable``, which prices don't prove."""
        return self.instance.policy.objective == "stable"

    def taken_out(self) -> Flags:
        """Which pairs are placements in any case (P)."""
        return self.pairs.pinned if self.fixed is None else self.pairs.pinned | self.fixed

    def values(self) -> dict[str, int]:
        """The value of each level in order."""
        if self.stable:
            from hub_allocation.objectives.stable import stable_levels

            counted = stable_levels(self.instance, self.pairs, self.chosen)
        else:
            drawn = int(self.drawn.of(self.chosen).sum())
            counted = level_values(self.instance, self.pairs, self.chosen, drawn=drawn, standing=self.standing)
        return {level.name: level.value for level in counted}

    def maximised(self) -> dict[str, bool]:
        """Of each level by name, whether it is to be large."""
        return {LOTTERY: False, **{level.name: level.maximise for level in self.levels}}
