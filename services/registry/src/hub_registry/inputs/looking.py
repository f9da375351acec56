"""What is missing in a round, looked up once for all who ask: at region scale a look takes seconds."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.inputs import repository
from hub_registry.inputs.missing import Missing, find_missing
from hub_registry.rounds.model import Round

GOOD_FOR_S: Final = 60.0
"""So long a look is shown without asking whether anything has changed; pages say of when it is."""
KEPT: Final = 8
"""Looks kept at once: rounds that people work on at the same time."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is missing, and when it was so."""

    missing: Missing
    at: datetime
    version: str

    @property
    def age_s(self) -> float:
        """How long ago that is."""
        return (datetime.now(UTC) - self.at).total_seconds()


_LOOKS: Final[dict[UUID, Look]] = {}
_TURNS: Final[defaultdict[UUID, asyncio.Lock]] = defaultdict(asyncio.Lock)


async def look(tx: Transaction, round_: Round, *, good_for_s: float = GOOD_FOR_S) -> Look:
    """Say what is missing; the caller sees the whole hub.

    Args:
        tx: the caller's.
        round_: the round.
        good_for_s: a kept look may be so old; 0: it must be as things stand, but is still kept if nothing has changed.

    Returns:
        A look: kept, or new. While somebody else takes a new one, the kept one, however old: it says of when it is.
    """
    kept = _LOOKS.get(round_.round_id)
    if kept and kept.age_s < good_for_s:
        return kept
    turn = _TURNS[round_.round_id]
    if kept and turn.locked() and good_for_s:
        return kept
    async with turn:
        return await _anew(tx, round_)


async def _anew(tx: Transaction, round_: Round) -> Look:
    at = datetime.now(UTC)
    version = f"{await repository.load_version(tx.conn, round_)} {round_.policy.model_dump_json()}"
    kept = _LOOKS.get(round_.round_id)  # it stays there meanwhile: others are shown it
    if kept and kept.version == version:
        kept = replace(kept, at=at)
    else:
        kept = Look(await find_missing(tx, round_), at, version)
    _LOOKS.pop(round_.round_id, None)
    while len(_LOOKS) >= KEPT:
        gone = next(iter(_LOOKS))
        _LOOKS.pop(gone)
        if not _TURNS[gone].locked():
            _TURNS.pop(gone)
    _LOOKS[round_.round_id] = kept
    return kept
