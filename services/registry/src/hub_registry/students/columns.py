"""A school's wide file of students."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import (
    choice,
    day,
    email,
    postcode,
    several,
    spans,
    tag,
    text,
    translated,
    upn,
    whole,
    year_group,
    yes_no,
)
from hub_registry.imports.sheet import Complaint
from hub_registry.students.headings import HEADINGS, SEN

_COMPUTED: Final = "the registry computes it from what is entered: leave it out"
_HUB_ONLY: Final = "only the hub decides on it: leave it out"

USUAL_MODES: Final = ("walk", "public_transport")
"""How a new student can travel whose file has no such column; no information system knows it."""


def _check(values: Mapping[str, Any]) -> Iterable[Complaint]:
    companion = values.get("companion_mis_id")
    if companion and companion == values.get("mis_id"):
        yield Complaint("companion_mis_id", "own_companion", "names the student's own MIS id: name another student")


_OWN: Final = Sheet(
    kind="students",
    about="One row a student. A column that is left out keeps what is stored; a blank cell empties it.",
    key=("mis_id",),
    check=_check,
    refused={
        "priority": _COMPUTED,
        "birth_month": _COMPUTED,
        "student_id": _COMPUTED,
        "participant_id": _COMPUTED,
        "pinned_slot_id": _HUB_ONLY,
        "pinned_slot_ref": _HUB_ONLY,
        "pin": _HUB_ONLY,
        "pins": _HUB_ONLY,
        "reserved": _HUB_ONLY,
        "reserve": _HUB_ONLY,
        "reserves": _HUB_ONLY,
        "lottery_seed": _HUB_ONLY,
    },
    columns=(
        Column("upn", upn, "Unique pupil number: follows the student from school to school", "K999599916001"),
        Column("mis_id", text(most=64), "Id in the school's information system", "1001", needed=True, filled=True),
        Column("first_name", text(), "First name", "Erin", needed=True, filled=True),
        Column("last_name", text(), "Last name", "Lunt", needed=True, filled=True),
        Column("date_of_birth", day, "Day of birth, 2011-11-03 or 03/11/2011", "2011-11-03",
               needed=True, filled=True),
        Column("year_group", year_group, "7 to 13", "10", needed=True, filled=True),
        Column("gender", text(most=40), "As the school records it", "F", blank=""),
        Column("home_postcode", postcode, "Home; blank: travel is reckoned from the school", "L13 3BA", blank=""),
        Column("email", email, "School e-mail address", "1001@school.example", blank=""),
        Column("free_school_meals", yes_no, "yes or no: counts in the priority formula", "no", blank=False),
        Column("send_status", translated(SEN, "N", "K", "E"),
               "N none, K SEN support, E education, health and care plan", "N", blank="N"),
        Column("access_needs", several(tag), "Tags that a slot must provide, each", "step_free;quiet_space", blank=[]),
        Column("travel_modes", several(choice("walk", "cycle", "public_transport", "car")),
               "How the student can travel; without this column a new student walks and takes public transport, "
               "and the receipt says so", "walk;public_transport", filled=True, blank=[*USUAL_MODES]),
        Column("max_travel_minutes", whole(0, 600), "One way, door to door; blank: the programme's", "45"),
        Column("available", spans, "Days; blank: any day of the programme", "2027-06-21/2027-07-09", blank=""),
        Column("interests", several(text(most=80)), "Sectors in order of wish", "Digital and media;Education",
               blank=[]),
        Column("past_sectors", several(text(most=80)), "Sectors already experienced", "Construction", blank=[]),
        Column("excluded_employers", several(text(most=64)), "Employers (employer_ref) never to be matched", "E-TERN",
               blank=[]),
        Column("companion_mis_id", text(most=64), "One other student of the school who must get the same slot", "1002"),
        Column("consent", choice("yes", "no"), "The parent's consent; blank: not known yet; no: takes no part", "yes",
               blank=""),
        Column("school_urn", text(most=20), "The school's URN, where a file has it: every row must be this school's",
               "104715"),
    ),
)  # fmt: skip
STUDENTS: Final = replace(
    _OWN, columns=tuple(replace(column, aliases=HEADINGS.get(column.name, ())) for column in _OWN.columns)
)
