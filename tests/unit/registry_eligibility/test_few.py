"""A few students beside a market's slots are judged as the solver judges the whole round's tables."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_allocation.eligibility import find_pairs
from hub_allocation.policy import Policy as SolverPolicy
from hub_allocation.reading.tables import read_instance
from hub_registry.eligibility.market import judge, make_market
from hub_registry.eligibility.search import Sought, seek
from hub_registry.inputs.rows import Cells, Entrant, Offer, slot_rows, student_rows
from hub_registry.travel.model import Override, travel_rows
from hub_schemas import tables
from hub_schemas.ids import SlotId
from hub_schemas.policy import Policy

WHERE = [("L1 8JX", "53.4048", "-2.9816"), ("L13 3BA", "53.4167", "-2.9167"), ("WN1 1AA", "53.5450", "-2.6300")]
SET = Override("L13 3BA", "L1 8JX", "public_transport", 22, 41)


def offer(number: int, **other: object) -> Offer:
    """A slot of the round."""
    columns = {
        "title": f"Slot {number}", "sector": "Digital", "kind": "placement", "mode": "in_person", "postcode": "L1 8JX",
        "dates": "2027-06-28/2027-07-02", "capacity": 3, "min_group": None, "max_per_school": None,
        "single_school": False, "min_age": None, "year_groups": [10, 11], "access_provided": ["step_free"],
        "reserved": 0, "first_date": date(2027, 6, 28), **other,
    }  # fmt: skip
    return Offer(SlotId(UUID(int=number)), f"S-{number}", f"e{number % 2}", f"E{number % 2}", date(2027, 7, 2),
                 False, True, date(2030, 1, 1), 0, columns)  # fmt: skip


OFFERS = [
    offer(1),
    offer(2, postcode="WN1 1AA", year_groups=[11]),
    offer(3, mode="virtual", postcode="", min_age=16, sector="Education"),
    offer(4, postcode="L99 9ZZ", access_provided=[], dates="2027-07-05", first_date=date(2027, 7, 5)),
]

entrants = st.builds(
    Entrant,
    student_id=st.just(""),
    school_id=st.just("104715"),
    mis_id=st.just("1"),
    year_group=st.sampled_from([10, 11]),
    birth_month=st.sampled_from(["2011-06", "2011-07", "2012-01"]),
    home_postcode=st.sampled_from(["L13 3BA", "WN1 1AA", "L99 9ZZ", "B1 1AA", ""]),
    travel_modes=st.lists(st.sampled_from(["walk", "cycle", "public_transport", "car"]), unique=True),
    max_travel_minutes=st.sampled_from([None, 20, 30, 300]),
    available=st.sampled_from(["", "2027-06-28/2027-07-02", "2027-07-05;2027-07-07"]),
    access_needs=st.lists(st.sampled_from(["step_free", "quiet_space"]), unique=True),
    past_sectors=st.just(["Digital"]),
    interests=st.just([]),
    excluded_employers=st.lists(st.sampled_from(["E0", "E9"]), unique=True),
    companion_mis_id=st.none(),
    pinned_slot_id=st.just(""),
    priority=st.just(0),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(entrants, min_size=1, max_size=4), st.sampled_from(["off", "require"]))
def test_few_students_are_judged_as_the_whole_round_is(drawn: list[Entrant], variety: str) -> None:
    policy = Policy.model_validate({"variety": variety})
    them = [Entrant(**{**{n: getattr(one, n) for n in Entrant.__slots__}, "student_id": f"p{at}"})
            for at, one in enumerate(drawn)]  # fmt: skip
    wishes = [(one.student_id, str(slot.slot_id), 1) for one in them for slot in OFFERS]
    market = make_market(OFFERS, employers={}, postcodes=WHERE, overrides=[SET], policy=policy)
    few = judge(market, them, WHERE, wishes).pairs
    rows: dict[str, Sequence[Cells]] = {
        "students": student_rows(them, names={one.student_id: one.student_id for one in them},
                                 employer_ids={"E0": "e0", "E1": "e1"}),
        "slots": slot_rows(OFFERS),
        "preferences": [(who, str(rank), slot) for who, slot, rank in wishes],
        "travel": travel_rows([SET], market.where, destinations={"L1 8JX"}),
        "postcodes": WHERE,
    }  # fmt: skip
    files = {table.name: tables.canonical_bytes(table, rows.get(table.name, [])) for table in tables.TABLES}
    whole = find_pairs(read_instance(files, SolverPolicy.from_mapping(policy.model_dump())))
    for name in ("student", "slot", "minutes", "mode", "estimated", "broken"):
        assert np.array_equal(getattr(few, name), getattr(whole, name)), name


def test_search_gives_what_can_work_and_is_near_first() -> None:
    market = make_market(OFFERS, employers={"e1": "Tern"}, postcodes=WHERE, overrides=[SET], policy=Policy())
    one = Entrant(
        "p", "104715", "1", 11, "2011-05", "L13 3BA", ["public_transport"], 300, "", [], [], [], [], None, "", 0
    )
    judged = judge(market, [one], WHERE, [("p", card.slot_id, 1) for card in market.cards])
    refs = [market.cards[at].slot_ref for at in seek(judged, Sought(possible=False))]
    assert refs == ["S-3", "S-1", "S-2", "S-4"]
    verdict = judged.verdict(market.place[str(UUID(int=1))])
    assert (verdict.journey, verdict.overridden, verdict.doubtful) == ("22 min by public transport", 41, True)
    assert judged.verdict(market.place[str(UUID(int=4))]).journey == ""
    assert [market.cards[at].slot_ref for at in seek(judged, Sought(minutes=30))] == ["S-3", "S-1"]
    assert [market.cards[at].slot_ref for at in seek(judged, Sought(text="tern", place="l1"))] == ["S-1"]
