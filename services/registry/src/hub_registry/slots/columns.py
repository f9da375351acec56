"""The file of slots of a programme."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import choice, postcode, several, spans, tag, text, whole, year_group, yes_no
from hub_registry.imports.sheet import Complaint

PLACEMENT_FROM_YEAR: Final = 10
"""Education Act 1996 s.560: work experience placements belong to the last two years of compulsory schooling."""


def check(values: Mapping[str, Any]) -> Iterable[Complaint]:
    """Say what in a slot does not go together; fields that are absent are not judged."""
    if values.get("mode", "virtual") != "virtual" and "postcode" in values and not values["postcode"]:
        yield Complaint("postcode", "blank", "is blank: only a virtual slot has no place")
    reserved, capacity = values.get("reserved") or 0, values.get("capacity")
    if capacity is not None and reserved > capacity:
        yield Complaint("reserved", "reserved_over_capacity", f"{reserved} reserved seats of {capacity}: lower one")
    young = [year for year in values.get("year_groups") or [] if year < PLACEMENT_FROM_YEAR]
    if values.get("kind") == "placement" and young:
        message = f"Year {young[0]} may not go on a placement: make it a visit, or leave the year out"
        yield Complaint("year_groups", "too_young", message)


SLOTS: Final = Sheet(
    kind="slots",
    about="One row a slot. A column that is left out keeps what is stored; a blank cell empties it.",
    key=("slot_ref",),
    check=check,
    columns=(
        Column("slot_ref", text(most=64), "Reference, unique in the programme", "S-GAMES", needed=True, filled=True),
        Column("employer_ref", text(most=64), "Whose it is; must be known", "E-TERN", needed=True, filled=True),
        Column("title", text(), "What students read", "A week making games", needed=True, filled=True),
        Column("sector", text(most=80), "Sector", "Digital and media", needed=True, filled=True),
        Column("kind", choice("placement", "visit", "talk", "tour"), "placement is for Years 10 and up", "placement",
               needed=True, filled=True),
        Column("mode", choice("in_person", "virtual", "hybrid"), "How", "in_person", needed=True, filled=True),
        Column("postcode", postcode, "Where; blank only when virtual", "L1 8JX", needed=True, blank=""),
        Column("dates", spans, "The days it takes", "2027-06-28/2027-07-02", needed=True, filled=True),
        Column("capacity", whole(0, 100_000), "Seats", "4", needed=True, filled=True),
        Column("min_group", whole(0, 100_000), "Runs with at least so many, or not at all", "2"),
        Column("max_per_school", whole(0, 100_000), "Most students of one school", "2"),
        Column("single_school", yes_no, "All its students come from one school", "no", blank=False),
        Column("min_age", whole(0, 25), "Completed years on the first day", "15"),
        Column("year_groups", several(year_group), "Who may come; blank: any (a placement: 10 and 11)", "10;11",
               blank=[]),
        Column("access_provided", several(tag), "Access tags it provides", "step_free;wheelchair", blank=[]),
        Column("reserved", whole(0, 100_000), "Seats only for students of high priority", "1", blank=0),
    ),
)  # fmt: skip
