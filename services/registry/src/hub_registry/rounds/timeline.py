"""A round's way from draft to settled, as steps that are done, current or still to come; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from hub_registry.rounds.model import Round, RoundState

Standing = Literal["done", "current", "to come"]
_ORDER: Final = (RoundState.DRAFT, RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED, RoundState.SETTLED)
_MEANS: Final = {
    RoundState.DRAFT: "You set its days and its policy. Schools don't see anything to do yet.",
    RoundState.OPEN: "Schools enter students and preferences.",
    RoundState.CLOSED: "Nothing changes any more: what was entered is frozen, and runs solve it.",
    RoundState.PUBLISHED: "One run's result stands; schools and employers have been told.",
    RoundState.SETTLED: "Nothing is open any more.",
    RoundState.CANCELLED: "It will not be run.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its state, where the round stands to it, when it was reached, or when it is planned."""

    state: RoundState
    means: str
    standing: Standing
    at: datetime | None
    planned: bool = False


def timeline(round_: Round) -> Sequence[Step]:
    """List the steps in order; of a cancelled round those it reached, and its end."""
    reached = {
        RoundState.DRAFT: round_.created_at,
        RoundState.OPEN: round_.opened_at,
        RoundState.CLOSED: round_.closed_at,
        RoundState.PUBLISHED: round_.published_at,
        RoundState.SETTLED: round_.settled_at,
    }
    planned = {RoundState.OPEN: round_.opens_at, RoundState.CLOSED: round_.closes_at}
    if round_.state is RoundState.CANCELLED:
        done = [Step(state, _MEANS[state], "done", at) for state, at in reached.items() if at is not None]
        return [*done, Step(round_.state, _MEANS[round_.state], "current", round_.cancelled_at)]
    here = _ORDER.index(round_.state)
    steps = []
    for place, state in enumerate(_ORDER):
        standing: Standing = "done" if place < here else "current" if place == here else "to come"
        at = reached[state] if place <= here else planned.get(state)
        steps.append(Step(state, _MEANS[state], standing, at, planned=place > here and at is not None))
    return steps
