"""From rows to labelled figures; no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from hub_allocation.whatif.groups import POOLED
from hub_chassis.telemetry import Figures
from hub_registry import metrics
from hub_registry.figures.repository import Allocated, RoundRow
from hub_registry.outcomes.groups import OUTCOMES, Grouping

Values = dict[Figures, dict[tuple[str, ...], float]]

NAME_CHARACTERS: Final = 40
REASONS: Final = 20
"""Reasons shown of a run, the most frequent; the rest is "other"."""
QUANTILES: Final = ("0.5", "0.95")
_UNPLACED: Final = len(OUTCOMES) - 1


def label(round_: RoundRow) -> str:
    """A round's name as people know it, with the end of its id, because names repeat."""
    return f"{round_.name[:NAME_CHARACTERS]} ({round_.round_id.hex[-6:]})"


def hubs(rows: Iterable[Mapping[str, Any]], by_state: Iterable[Mapping[str, Any]]) -> Values:
    """Each hub's rounds by state, and whether it holds its notices."""
    return {
        metrics.ON_HOLD: {(row["hub"],): float(row["notices_held"]) for row in rows},
        metrics.BY_STATE: {(row["hub"], row["state"]): float(row["rounds"]) for row in by_state},
    }


def states(rounds: Iterable[RoundRow]) -> Values:
    """Where each round stands."""
    keys = [(one, (one.hub, label(one))) for one in rounds]
    return {
        metrics.STATE: {(*key, one.state): 1.0 for one, key in keys},
        metrics.DEADLINE: {key: one.closes_at.timestamp() for one, key in keys if one.state == "open"},
        metrics.CLOSING_FAILED: {key: float(one.closing_failed) for one, key in keys},
    }


def progress(rounds: Sequence[RoundRow], asked: Mapping[str, Sequence[Mapping[str, Any]]]) -> Values:
    """Who has acted and who has yet to, what there is to allot, which runs there are, what became of notices."""
    keys = {one.round_id: (one.hub, label(one)) for one in rounds}
    values: Values = {
        metrics.SCHOOLS: {},
        metrics.EMPLOYERS: {},
        metrics.NOTICES: {},
        metrics.WISHING: {keys[row["round_id"]]: float(row["wishing"]) for row in asked["schools"]},
        metrics.STUDENTS: {keys[row["round_id"]]: float(row["students"]) for row in asked["students"]},
        metrics.SEATS: {keys[row["round_id"]]: float(row["seats"]) for row in asked["seats"]},
        metrics.RUNS_NOW: {(*keys[row["round_id"]], row["state"]): float(row["runs"]) for row in asked["runs"]},
    }
    for row in asked["schools"]:
        _spread(values[metrics.SCHOOLS], keys[row["round_id"]], submitted=row["submitted"], to_act=row["to_act"])
    for row in asked["employers"]:
        ready = row["employers"] - row["to_act"]
        _spread(values[metrics.EMPLOYERS], keys[row["round_id"]], ready=ready, to_act=row["to_act"])
    for row in asked["notices"]:
        settled = {state: row[state] for state in ("sent", "failed", "uncertain")}
        still = max(0, (row["expected"] or 0) - sum(settled.values()))
        _spread(values[metrics.NOTICES], keys[row["round_id"]], **settled, open=still)
    return values


def allocated(
    rounds: Iterable[RoundRow], found: Mapping[UUID, tuple[float | None, Allocated, Sequence[Grouping]]]
) -> Values:
    """What the run of each round came to that stands, else the latest that was solved."""
    values: Values = {
        figures: {}
        for figures in (
            metrics.PLACED,
            metrics.UNPLACED,
            metrics.PLACEMENTS,
            metrics.TRAVEL,
            metrics.GAP,
            metrics.GROUPS,
        )
    }
    for one in rounds:
        if one.round_id not in found:
            continue
        key, (gap, run, groups) = (one.hub, label(one)), found[one.round_id]
        values[metrics.PLACED][key] = float(run.placed)
        if gap is not None:
            values[metrics.GAP][key] = gap
        _spread(values[metrics.PLACEMENTS], key, **run.choices)
        _spread(values[metrics.UNPLACED], key, **_most(run.reasons))
        for quantile, minutes in zip(QUANTILES, run.minutes or (), strict=False):
            values[metrics.TRAVEL][(*key, quantile)] = minutes * 60
        values[metrics.GROUPS] |= {(*key, group): ratio for group, ratio in _placed_ratios(groups)}
    return values


def _placed_ratios(groups: Iterable[Grouping]) -> Iterable[tuple[str, float]]:
    """Of each group that is large enough to be shown, the part that is placed."""
    for grouping in groups:
        for group, students, cells in grouping.rows:
            unplaced = cells[_UNPLACED]
            if group != POOLED and students and unplaced is not None:
                yield group, round(1 - unplaced / students, 2)


def _most(reasons: Mapping[str, int]) -> dict[str, int]:
    shown = dict(list(reasons.items())[:REASONS])
    rest = sum(reasons.values()) - sum(shown.values())
    return {**shown, "other": rest} if rest else shown


def _spread(into: dict[tuple[str, ...], float], key: tuple[str, str], **amounts: int) -> None:
    for name, amount in amounts.items():
        into[(*key, name)] = float(amount)
