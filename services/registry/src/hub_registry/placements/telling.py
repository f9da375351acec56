"""A student's result in plain words, from the explanation as it is stored; pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub_registry.travel.telling import tells_time, way


@dataclass(frozen=True, slots=True)
class Missed:
    """A slot ranked better than what the student got, and why it was not to be had."""

    slot_id: str
    rank: int | None
    text: str
    of_time: bool = False
    """Whether that rests on how long the way there takes."""


@dataclass(frozen=True, slots=True)
class Told:
    """Why a student has this result: one sentence, and one for each better-ranked slot."""

    text: str
    missed: tuple[Missed, ...]
    estimate: bool = False
    """Whether the travel time is an estimate."""


def told(body: str | None) -> Told:
    """Read an explanation; without one there is nothing to tell."""
    found: dict[str, Any] = json.loads(body) if body else {}
    missed = tuple(
        Missed(str(one.get("slot_id", "")), one.get("rank"), str(one.get("text", "")), tells_time(one))
        for one in found.get("better", ())
    )
    return Told(str(found.get("text", "")), missed, estimate=found.get("estimate") is True)


def journey(place: Mapping[str, Any]) -> str:
    """Say how a student gets to a placement: "41 minutes by public transport, one way"; "online" without a journey."""
    mode = place["mode_used"]
    if not mode:
        return "online"
    minutes = place["minutes"]
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'} {way(mode)}, one way"


def slots_named(results: Sequence[Told]) -> list[str]:
    """Give the ids of all slots that these explanations name, each once."""
    return sorted({missed.slot_id for one in results for missed in one.missed if missed.slot_id})
