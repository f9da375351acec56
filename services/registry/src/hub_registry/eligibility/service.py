"""What a school's students may have in a round: the market is kept between requests, students are read each time."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.eligibility import repository
from hub_registry.eligibility.market import Judged, Market, judge, make_market
from hub_registry.inputs.repository import load_offers, load_postcodes
from hub_registry.inputs.rows import Entrant
from hub_registry.rounds.model import Round
from hub_registry.schools.repository import load_school
from hub_registry.travel.repository import load_seen
from hub_schemas.ids import RoundId

KEPT: Final = 8
"""Markets kept at once: rounds that people work on at the same time."""
DEMAND_S: Final = 60.0
"""How long the bands of demand stand: nobody learns from a change at once that one more student ranked a slot."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A market, and the version of the slots it was made of."""

    version: str
    market: Market


_MARKETS: Final[dict[UUID, Kept]] = {}
_DEMAND: Final[dict[UUID, tuple[float, Mapping[str, str]]]] = {}


async def market_of(tx: Transaction, round_: Round) -> Market:
    """Give the slots of a round; anew only when these, the policy or what other rounds gave have changed."""
    overrides = await load_seen(tx.conn) if round_.policy.travel == "auto" else []
    version = f"{await repository.load_version(tx.conn, round_)} {round_.policy.model_dump_json()} {overrides}"
    kept = _MARKETS.get(round_.round_id)
    if kept is None or kept.version != version:
        offers, _ = await load_offers(tx.conn, round_)
        employers = await repository.load_employers(tx.conn, round_)
        used = {str(offer.columns["postcode"]) for offer in offers} | {one.origin for one in overrides}
        postcodes = await load_postcodes(tx.conn, sorted(used - {""}))
        # In a thread: other requests are answered while a region's slots are read.
        market = await asyncio.to_thread(
            make_market, offers, employers=employers, postcodes=postcodes, overrides=overrides, policy=round_.policy
        )
        kept = Kept(version, market)
        _MARKETS.pop(round_.round_id, None)
        while len(_MARKETS) >= KEPT:
            _MARKETS.pop(next(iter(_MARKETS)))
        _MARKETS[round_.round_id] = kept
    return kept.market


async def judge_all(tx: Transaction, round_: Round, student: Mapping[str, Any]) -> Judged:
    """Judge every slot of a round for one student: pair k is about the market's slot k."""
    market = await market_of(tx, round_)
    who = str(student["student_id"])
    return await _judge(tx, market, [student], [(who, card.slot_id, 1) for card in market.cards])


async def judge_wishes(
    tx: Transaction, round_: Round, students: Sequence[Mapping[str, Any]], wishes: Sequence[tuple[str, str, int]]
) -> Judged:
    """Judge what these students have ranked: (student id, slot id, rank)."""
    return await _judge(tx, await market_of(tx, round_), students, wishes)


async def demand(tx: Transaction, round_id: RoundId) -> Mapping[str, str]:
    """Say how much each slot is asked for, in bands by slot id; as it was up to a minute ago."""
    at, bands = _DEMAND.get(round_id, (0.0, {}))
    if time.monotonic() - at > DEMAND_S or not at:
        bands = await repository.load_demand(tx.conn, round_id)
        while len(_DEMAND) >= KEPT:
            _DEMAND.pop(next(iter(_DEMAND)))
        _DEMAND[round_id] = (time.monotonic(), bands)
    return bands


async def without_chance(
    tx: Transaction, round_: Round, students: Sequence[Mapping[str, Any]], wishes: Sequence[tuple[str, str, int]]
) -> set[str]:
    """Find the students who ranked something and may have none of it; gives their ids."""
    judged = await judge_wishes(tx, round_, students, wishes)
    ranked = {who for who, _, _ in wishes}
    able = {judged.students[who] for who in judged.pairs.student[judged.feasible].tolist()}
    return ranked - able


async def _judge(
    tx: Transaction, market: Market, students: Sequence[Mapping[str, Any]], wishes: Sequence[tuple[str, str, int]]
) -> Judged:
    of_school = ""
    if any(not one["home_postcode"] for one in students):
        of_school = (await load_school(tx.conn, students[0]["school_id"]))["postcode"]
    entrants = [_entrant(one, of_school) for one in students]
    homes = sorted({one.home_postcode for one in entrants} - {""})
    postcodes = await load_postcodes(tx.conn, homes)
    return await asyncio.to_thread(judge, market, entrants, postcodes, wishes)


def _entrant(student: Mapping[str, Any], of_school: str) -> Entrant:
    return Entrant(
        student_id=str(student["student_id"]),
        school_id=student["school_id"],
        mis_id=student["mis_id"],
        year_group=student["year_group"],
        birth_month=f"{student['date_of_birth']:%Y-%m}",
        home_postcode=student["home_postcode"] or of_school,
        travel_modes=student["travel_modes"],
        max_travel_minutes=student["max_travel_minutes"],
        available=student["available"],
        access_needs=student["access_needs"],
        past_sectors=student["past_sectors"],
        interests=student["interests"],
        excluded_employers=student["excluded_employers"],
        companion_mis_id=None,
        pinned_slot_id="",
        priority=0,
    )
