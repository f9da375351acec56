"""Calendars: days put together, changes counted, and bytes that any calendar program reads."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub_registry.calendars.model import Entry, Told, blocks, retell, slot_entries
from hub_registry.calendars.writing import written
from hub_schemas.ids import new_id

AT = datetime(2027, 6, 1, 9, tzinfo=UTC)
WEEK = Entry("slot-a-1", date(2027, 6, 7), date(2027, 6, 12), "A week", "Two students.", "L1 8JX", "/coming/a")


def lines(content: bytes) -> list[str]:
    """Unfold a calendar's lines, holding each to RFC 5545, 3.1: at most 75 octets, ended by CRLF and nothing else."""
    assert content.endswith(b"\r\n")
    physical = content.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 for line in physical)
    assert not any(b"\n" in line or b"\r" in line for line in physical)
    unfolded: list[bytes] = []
    for line in physical:
        if line.startswith(b" "):
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    return [line.decode() for line in unfolded]


def test_days_that_follow_each_other_are_one_entry_with_an_exclusive_end() -> None:
    dates = "2027-06-07/2027-06-09;2027-06-10;2027-06-14;2027-06-21/2027-06-22"
    assert blocks(dates) == [
        (date(2027, 6, 7), date(2027, 6, 11)),
        (date(2027, 6, 14), date(2027, 6, 15)),
        (date(2027, 6, 21), date(2027, 6, 23)),
    ]


def test_entries_of_a_slot_keep_their_names_when_its_days_move() -> None:
    slot_id = new_id()
    more = {"title": "T", "about": "", "place": "", "page": ""}
    before = slot_entries(slot_id, "2027-06-07/2027-06-09;2027-06-14", **more)
    after = slot_entries(slot_id, "2027-06-08/2027-06-10;2027-06-15", **more)
    assert [one.uid for one in before] == [one.uid for one in after]
    assert len({one.uid for one in before}) == 2


def test_what_has_not_changed_is_told_as_before() -> None:
    said = {WEEK.uid: Told(WEEK, 3, AT - timedelta(days=9))}
    found = retell([WEEK], said, at=AT)
    assert list(found.shown) == list(said.values())
    assert (list(found.changed), list(found.over)) == ([], [])


def test_a_change_counts_one_up() -> None:
    moved = replace(WEEK, ends=date(2027, 6, 11))
    found = retell([moved], {WEEK.uid: Told(WEEK, 3, AT - timedelta(days=9))}, at=AT)
    assert list(found.shown) == [Told(moved, 4, AT)]
    assert found.changed == found.shown


def test_what_is_no_longer_true_is_cancelled_for_a_while_and_comes_back_with_a_higher_number() -> None:
    first = retell([], {WEEK.uid: Told(WEEK, 0, AT - timedelta(days=9))}, at=AT)
    cancelled = Told(WEEK, 1, AT, cancelled_at=AT)
    assert list(first.shown) == [cancelled]
    later = retell([], {WEEK.uid: cancelled}, at=AT + timedelta(days=29))
    assert list(later.shown) == [cancelled]
    assert list(later.changed) == []
    long_after = retell([], {WEEK.uid: cancelled}, at=AT + timedelta(days=31))
    assert list(long_after.shown) == []
    assert list(long_after.over) == []
    back = retell([WEEK], {WEEK.uid: cancelled}, at=AT + timedelta(days=32))
    assert [(one.sequence, one.cancelled_at) for one in back.shown] == [(2, None)]


def test_what_is_over_for_long_goes_without_being_cancelled() -> None:
    found = retell([WEEK], {WEEK.uid: Told(WEEK, 0, AT)}, at=AT + timedelta(days=120))
    assert (list(found.shown), list(found.over)) == ([], [WEEK.uid])


def test_an_entry_is_written_as_whole_days_and_a_deadline_as_a_moment() -> None:
    deadline = Entry("round-r", AT, AT, "Summer closes", "Choices are due.")
    found = lines(written([Told(WEEK, 2, AT), Told(deadline, 0, AT)], name="A school", site="https://hub.example:8443"))
    assert found[0] == "BEGIN:VCALENDAR"
    for line in (
        "VERSION:2.0",
        "DTSTART;VALUE=DATE:20270607",
        "DTEND;VALUE=DATE:20270612",
        "SEQUENCE:2",
        "UID:slot-a-1@hub.example",
        "STATUS:CONFIRMED",
        "DTSTAMP:20270601T090000Z",
        "DTSTART:20270601T090000Z",
        "URL:https://hub.example:8443/coming/a",
    ):
        assert line in found, line
    assert sum(line.startswith("DTEND") for line in found) == 1


def test_what_is_cancelled_says_so_to_every_program() -> None:
    found = lines(written([Told(WEEK, 1, AT, cancelled_at=AT)], name="n", site="https://h.example"))
    assert "STATUS:CANCELLED" in found
    assert "SUMMARY:Cancelled: A week" in found


@given(words=st.text(max_size=200))
def test_whatever_people_typed_stays_in_its_line(words: str) -> None:
    hostile = replace(WEEK, title=f"x\r\nEND:VEVENT\r\n{words};,\\", about=words, place=words)
    found = lines(written([Told(hostile, 0, AT)], name=words, site="https://h.example"))
    assert [line for line in found if line.startswith("END:")] == ["END:VEVENT", "END:VCALENDAR"]
    names = [line.partition(":")[0].partition(";")[0] for line in found]
    assert len(names) == len(found)
    assert names.count("SUMMARY") == 1
    title = next(line for line in found if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    assert title.startswith("x END:VEVENT")
    assert not [at for at, char in enumerate(title) if char in ";," and title[at - 1] != "\\"]
