"""Turn what the registry knows of a round into the rows of a frozen input; no I/O, no names, no reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from hub_schemas.ids import ParticipantId, StudentId

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A student who takes part, as the frozen input needs them."""

    student_id: StudentId
    school_id: str
    mis_id: str
    year_group: int
    date_of_birth: date
    home_postcode: str
    travel_modes: tuple[str, ...]
    max_travel_minutes: int | None
    available: str
    access_needs: tuple[str, ...]
    past_sectors: tuple[str, ...]
    interests: tuple[str, ...]
    excluded_employers: tuple[str, ...]
    companion_mis_id: str
    pinned_slot_id: str
    priority: int


def student_rows(
    entrants: Iterable[Entrant],
    *,
    names: Mapping[StudentId, ParticipantId],
    employer_ids: Mapping[str, str],
) -> list[Cells]:
    """Write the rows of ``students``: opaque ids, month of birth, tags and a number.

    Args:
        entrants: E students; a companion is named by MIS id within the same school.
        names: the round's opaque id of each of them.
        employer_ids: id by the hub's reference, for excluded employers; a reference that is in no slot of this round
            is left out, because it can't be matched anyway.

    Returns:
        E rows in hub_schemas.tables' column order. A companion who does not take part is left blank.
    """
    entrants = list(entrants)
    by_mis = {(one.school_id, one.mis_id): names[one.student_id] for one in entrants}
    return [
        (
            names[one.student_id],
            one.school_id,
            str(one.year_group),
            f"{one.date_of_birth:%Y-%m}",
            one.home_postcode,
            ";".join(one.travel_modes),
            "" if one.max_travel_minutes is None else str(one.max_travel_minutes),
            one.available,
            ";".join(one.access_needs),
            str(one.priority),
            ";".join(one.past_sectors),
            ";".join(one.interests),
            ";".join(employer_ids[ref] for ref in one.excluded_employers if ref in employer_ids),
            by_mis.get((one.school_id, one.companion_mis_id), "") if one.companion_mis_id else "",
            one.pinned_slot_id,
        )
        for one in entrants
    ]


def seats_left(capacity: int, reserved: int, taken: int) -> tuple[int, int]:
    """Seats and reserved seats that a slot still has after earlier rounds took some; never below 0.

    Reserved seats are kept as long as seats are left: earlier rounds had their own students for the open ones.
    """
    left = max(0, capacity - taken)
    return left, min(reserved, left)
