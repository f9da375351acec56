"""Which of a hub's rounds a school works on now; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub_registry.rounds.model import Round, RoundState


@dataclass(frozen=True, slots=True)
class Working:
    """The round that pages are about, and the latest one whose result is out (often another)."""

    current: Round | None
    published: Round | None


def working(rounds: Sequence[Round]) -> Working:
    """Choose among a hub's rounds: open before closed before published, the nearest deadline first."""
    open_ = sorted((one for one in rounds if one.state is RoundState.OPEN), key=lambda one: one.closes_at)
    closed = [one for one in rounds if one.state is RoundState.CLOSED]
    out = [one for one in rounds if one.published_run_id is not None]
    latest = max(out, key=lambda one: one.published_at or one.created_at, default=None)
    current = open_[0] if open_ else max(closed, key=lambda one: one.closes_at, default=latest)
    return Working(current, latest)
