"""From an allocation that breaks rules to one that keeps them: placements are given up until nothing is broken."""

import numpy as np

from hub_allocation.general.rules import Rules
from hub_allocation.instance import NONE, Flags


def repaired(rules: Rules, taken: Flags | None) -> Flags | None:
    """Give up placements until every rule is kept; None when those that are forced stand in the way.

    Args:
        rules: the component.
        taken: an allocation that may break rules (V); None: what is forced and nothing else.
    """
    value = rules.forced.copy() if taken is None else (taken & ~rules.never) | rules.forced
    dear = np.lexsort((rules.part.at, *(weight for weight in _dearness(rules)[::-1])))
    rank = np.empty(len(value), dtype=np.int64)
    rank[dear] = np.arange(len(value))
    for _ in range(len(value) + 1):
        given_up = _over(rules, value, rank)
        if not given_up.any():
            return value if rules.hold(value) else None
        value = value & ~given_up
    return None


def _dearness(rules: Rules) -> list[np.ndarray]:
    return [-aim.weight if aim.maximise else aim.weight for aim in rules.part.aims]


def _over(rules: Rules, value: Flags, rank: np.ndarray) -> Flags:
    """Which placements to give up next: the dearest of each row that has too many, all of a group too small."""
    rows, decided = rules.rows, rules.decided(value)
    total = rows.sums(decided)
    count = len(value)
    given_up = np.zeros(count, dtype=bool)
    for row in np.flatnonzero((total > rows.high) | (total < rows.low)).tolist():
        first, last = rows.start[row], rows.start[row + 1]
        members, coefficients = rows.decision[first:last], rows.coefficient[first:last]
        pairs = members[(members < count)]
        pairs = pairs[value[pairs] & ~rules.forced[pairs]]
        if (coefficients[members < count] < 0).any() or total[row] < rows.low[row]:
            given_up[pairs] = True  # companions apart, or a group too small
        elif (members >= count).all():
            given_up |= _smaller_groups(rules, value, members[decided[members]] - count)
        else:
            excess = int(total[row] - rows.high[row])
            given_up[pairs[np.argsort(-rank[pairs])][:excess]] = True
    return given_up


def _smaller_groups(rules: Rules, value: Flags, groups: np.ndarray) -> Flags:
    """All placements of the groups at one slot but the largest, or the one that is forced."""
    size = np.array([(value & (rules.group == group)).sum() for group in groups])
    held = np.array([(rules.forced & (rules.group == group)).any() for group in groups])
    kept = groups[np.lexsort((size, held))[-1]]
    others: Flags = np.isin(rules.group, groups[groups != kept]) & (rules.group != NONE)
    return value & ~rules.forced & others
