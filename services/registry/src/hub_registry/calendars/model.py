"""What stands in a calendar, and how it tells of a change; no I/O.

A calendar program keeps what it read. So every entry has a name that stays the same while its days move, a number that
rises with each change, and, when it is no longer true, it is told as cancelled for a while before it goes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from hub_registry.slots.shifting import single_days

KEPT: Final = timedelta(days=90)
"""What is over stays in the calendar so long."""
TOLD_CANCELLED: Final = timedelta(days=30)
"""What no longer takes place is told as cancelled so long: every program has looked by then."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: whole days, the last one exclusive, or a moment (both ends the same, aware)."""

    uid: str
    """Stays the same whatever changes; unique in the installation."""
    starts: date
    ends: date
    title: str
    about: str
    place: str = ""
    page: str = ""
    """Address on this site, for who is signed in."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a calendar last said of an entry."""

    entry: Entry
    sequence: int
    changed_at: datetime
    cancelled_at: datetime | None = None

    def is_shown(self, *, at: datetime) -> bool:
        """Whether it is still in the calendar: a cancelled entry for a while."""
        return self.cancelled_at is None or at - self.cancelled_at < TOLD_CANCELLED


@dataclass(frozen=True, slots=True)
class Retold:
    """A calendar as it is to be said now, and what of it differs from what was kept."""

    shown: Sequence[Told]
    changed: Sequence[Told]
    over: Sequence[str]
    """Names of entries that are over for long."""


def blocks(dates: str) -> list[tuple[date, date]]:
    """Put a slot's days together that follow each other: (first day, day after the last), in order."""
    found: list[tuple[date, date]] = []
    for one in sorted(set(single_days(dates))):
        if found and found[-1][1] == one:
            found[-1] = (found[-1][0], one + _DAY)
        else:
            found.append((one, one + _DAY))
    return found


def slot_entries(slot_id: UUID, dates: str, *, title: str, about: str, place: str, page: str) -> list[Entry]:
    """Give a slot's entries: one for each of its blocks, named by the slot and the block's place among them."""
    return [
        Entry(f"slot-{slot_id}-{number}", starts, ends, title, about, place, page)
        for number, (starts, ends) in enumerate(blocks(dates), start=1)
    ]


def retell(now: Iterable[Entry], said: Mapping[str, Told], *, at: datetime) -> Retold:
    """Say what a calendar says now, given what it said last.

    Args:
        now: what is true, each name once.
        said: what was told last, by name, cancelled entries too.
        at: the moment, aware.

    Returns:
        Entries in the order of ``now``, cancelled ones behind. An entry that differs, or is true again, counts one up;
        one that is no longer true is cancelled and counts one up. What is over for long is in neither.
    """
    since = at - KEPT
    true = {entry.uid: entry for entry in now if not is_over(entry, since=since)}
    told = [_told(entry, said.get(uid), at=at) for uid, entry in true.items()]
    gone = [
        _cancelled(one, at=at) for uid, one in said.items() if uid not in true and not is_over(one.entry, since=since)
    ]
    everything = [*told, *gone]
    return Retold(
        shown=[one for one in everything if one.is_shown(at=at)],
        changed=[one for one in everything if said.get(one.entry.uid) != one],
        over=[uid for uid, one in said.items() if uid not in true and is_over(one.entry, since=since)],
    )


def is_over(entry: Entry, *, since: datetime) -> bool:
    """Whether an entry ended before a moment."""
    ends = entry.ends if isinstance(entry.ends, datetime) else datetime.combine(entry.ends, time(), UTC)
    return ends < since


def _told(entry: Entry, last: Told | None, *, at: datetime) -> Told:
    if last is None:
        return Told(entry, 0, at)
    if last.cancelled_at is None and last.entry == entry:
        return last
    return Told(entry, last.sequence + 1, at)


def _cancelled(last: Told, *, at: datetime) -> Told:
    if last.cancelled_at is not None:
        return last
    return replace(last, sequence=last.sequence + 1, changed_at=at, cancelled_at=at)
