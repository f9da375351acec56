"""Days and moments have one wording, in London's time, whatever the machine's locale."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from hub_chassis.saying import say_day, say_moment, say_second, say_weekday


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2027, 6, 11, 16, 0, tzinfo=UTC), "Friday 11 June 2027 at 5:00pm"),  # summer time
        (datetime(2027, 1, 11, 17, 5, tzinfo=UTC), "Monday 11 January 2027 at 5:05pm"),
        (datetime(2027, 6, 10, 23, 30, tzinfo=UTC), "Friday 11 June 2027 at 12:30am"),
        (datetime(2027, 1, 11, 12, 0, tzinfo=UTC), "Monday 11 January 2027 at midday"),
        (datetime(2027, 1, 11, 12, 0, 59, tzinfo=UTC), "Monday 11 January 2027 at midday"),
        (datetime(2027, 1, 11, 12, 1, tzinfo=UTC), "Monday 11 January 2027 at 12:01pm"),
        (datetime(2027, 6, 10, 23, 0, tzinfo=UTC), "Friday 11 June 2027 at midnight"),  # summer time
    ],
)
def test_a_moment_is_said_in_london(at: datetime, said: str) -> None:
    assert say_moment(at) == said


def test_days_and_seconds_are_said_alike() -> None:
    at = datetime(2027, 6, 10, 23, 30, 7, tzinfo=UTC)
    assert say_day(at) == say_day(date(2027, 6, 11)) == "11 June 2027"
    assert say_weekday(at) == say_weekday(date(2027, 6, 11)) == "Friday 11 June 2027"
    assert say_second(at) == "11 June 2027 at 12:30:07am"
    assert say_second(datetime(2027, 1, 11, 12, 0, 7, tzinfo=UTC)) == "11 January 2027 at 12:00:07pm"
    assert say_second(datetime(2027, 1, 11, 12, 0, 0, 500, tzinfo=UTC)) == "11 January 2027 at midday"


@pytest.mark.parametrize("say", [say_day, say_weekday, say_moment, say_second])
def test_a_moment_without_a_time_zone_is_refused(say: Callable[[datetime], str]) -> None:
    with pytest.raises(ValueError, match="2027-06-11T17:00:00 has no time zone"):
        say(datetime(2027, 6, 11, 17, 0))  # noqa: DTZ001 -- the point of it
