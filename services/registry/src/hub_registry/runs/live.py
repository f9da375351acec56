"""How far a run has come, as figures for people to watch; no I/O."""

from dataclasses import dataclass
from typing import Any, Final

from hub_registry.runs.model import IN_MATCHING, Run
from hub_schemas.policy import Policy

_BALANCED: Final = ("students", "placements", "priority", "rank_cost", "moves", "minutes", "lottery")
_AFTER_RANKS: Final = ("moves", "priority", "minutes", "lottery")


@dataclass(frozen=True, slots=True)
class Live:
    """What is known of a run while it is on its way."""

    state: str
    over: bool
    """Nothing more is to come from matching."""
    waiting_for: str | None
    step: str | None
    level: str | None
    settled: tuple[str, ...]
    """Levels that are proven and done with."""
    ahead: tuple[str, ...]
    value: int | None
    bound: int | None
    gap: float | None
    """Relative distance of the level's value to its bound."""
    incumbent: int | None
    """Placements of the best allocation so far."""
    seconds: float | None
    limit_s: int
    share: int | None
    shares: int | None
    attempt: int
    arriving: tuple[int, int] | None
    """Pieces of the result that are here, and how many there are."""


def live(run: Run) -> Live:
    """Say how far a run has come."""
    told: dict[str, Any] = run.progress or {}
    levels = levels_of(run.policy, changing=run.parent_run_id is not None, now=told.get("level"))
    at = levels.index(told["level"]) if told.get("level") in levels else None
    value, bound = told.get("value"), told.get("bound")
    return Live(
        state=run.state.value,
        over=run.state not in IN_MATCHING,
        waiting_for=run.waiting_for,
        step=told.get("step"),
        level=told.get("level"),
        settled=levels[:at] if at is not None else (),
        ahead=levels[at + 1 :] if at is not None else levels,
        value=value,
        bound=bound,
        gap=None if value is None or bound is None else abs(bound - value) / max(1, abs(bound)),
        incumbent=told.get("incumbent"),
        seconds=told.get("seconds"),
        limit_s=run.policy.time_limit_seconds,
        share=told.get("share"),
        shares=told.get("shares"),
        attempt=int(told.get("attempt", 1)),
        arriving=(run.chunks_held, int(run.report["chunks"])) if run.report and run.state in IN_MATCHING else None,
    )


def levels_of(policy: Policy, *, changing: bool, now: str | None = None) -> tuple[str, ...]:
    """List the levels of a policy's objective in the order in which they are settled.

    Args:
        policy: of the run.
        changing: a change run counts moves, too.
        now: the level at work, which tells how many ranks there are at least under ``rank_maximal``.
    """
    if policy.objective == "stable":
        return ()
    if policy.objective == "rank_maximal":
        rank = int(now.removeprefix("rank_")) if now and now.startswith("rank_") else 1
        names = (*(f"rank_{place}" for place in range(1, rank + 1)), *_AFTER_RANKS)
    else:
        names = _BALANCED
    return tuple(name for name in names if changing or name != "moves")
