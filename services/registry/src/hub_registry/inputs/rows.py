"""Turn what the registry knows of a round into the rows of a frozen input; no I/O, no names, no reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hub_schemas.ids import SlotId

Cells = tuple[str, ...]
Rows = Sequence[Cells]


@dataclass(frozen=True, slots=True)
class Entrant:
    """A student who takes part, as the frozen input needs them; ids as text."""

    student_id: str
    school_id: str
    mis_id: str
    year_group: int
    birth_month: str
    home_postcode: str
    travel_modes: Sequence[str]
    max_travel_minutes: int | None
    available: str
    access_needs: Sequence[str]
    past_sectors: Sequence[str]
    interests: Sequence[str]
    excluded_employers: Sequence[str]
    companion_mis_id: str | None
    pinned_slot_id: str
    priority: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot of the round's programme, as far as it matters whether it may enter."""

    slot_id: SlotId
    slot_ref: str
    employer_id: str
    employer_ref: str
    last_date: date
    withdrawn: bool
    verified: bool
    insured_until: date | None
    seats_taken: int
    columns: Mapping[str, object]
    """The slot's own columns."""
    verified_until: date | None = None
    """Last day of the hub's check; None: it has no end."""

    @property
    def kept_out(self) -> str | None:
        """The coded reason why the slot does not enter the round; None: it enters."""
        if self.withdrawn:
            return "withdrawn"
        if not self.verified:
            return "employer_not_verified"
        if self.verified_until is not None and self.verified_until < self.last_date:
            return "verification_ends_before"
        if self.insured_until is None:
            return "insurance_unknown"
        if self.insured_until < self.last_date:
            return "insurance_ends_before"
        return None


def student_rows(
    entrants: Iterable[Entrant], *, names: Mapping[str, str], employer_ids: Mapping[str, str]
) -> list[Cells]:
    """Write the rows of ``students``: opaque ids, month of birth, tags and a number.

    Args:
        entrants: E students; a companion is named by MIS id within the same school.
        names: the round's opaque id of each of them.
        employer_ids: id by the hub's reference, for excluded employers; one that has no slot in this round is left
            out, because it can't be matched anyway.

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
            one.birth_month,
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


def slot_rows(offers: Iterable[Offer]) -> list[Cells]:
    """Write the rows of ``slots``, with the seats that earlier rounds left; a slot without any keeps its row."""
    rows: list[Cells] = []
    for offer in offers:
        of = offer.columns
        seats, reserved = seats_left(_number(of["capacity"]), _number(of["reserved"]), taken=offer.seats_taken)
        rows.append(
            (
                str(offer.slot_id),
                offer.employer_id,
                _text(of["title"]),
                _text(of["sector"]),
                _text(of["kind"]),
                _text(of["mode"]),
                _text(of["postcode"]),
                _text(of["dates"]),
                str(seats),
                _text(of["min_group"]),
                _text(of["max_per_school"]),
                "true" if of["single_school"] else "",
                _text(of["min_age"]),
                _text(of["year_groups"]),
                _text(of["access_provided"]),
                str(reserved),
            )
        )
    return rows


def seats_left(capacity: int, reserved: int, *, taken: int) -> tuple[int, int]:
    """Seats and reserved seats that a slot still has after earlier rounds took some; never below 0.

    Reserved seats are kept as long as seats are left: earlier rounds had the open ones.
    """
    left = max(0, capacity - taken)
    return left, min(reserved, left)


def _number(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 -- an integer column
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
