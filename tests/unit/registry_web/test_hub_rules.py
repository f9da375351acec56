"""Pure rules behind the hub's pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub_registry.errors import Finding
from hub_registry.rounds.countdown import countdown
from hub_registry.rounds.model import Round, RoundState
from hub_registry.rounds.rank_cost import rank_cost, sooner
from hub_registry.rounds.timeline import timeline
from hub_registry.web.forms import Form
from hub_registry.web.moments import read_moment
from hub_registry.web.policies.settings import SETTINGS
from hub_schemas.ids import HubId, ProgrammeId, RoundId, new_id
from hub_schemas.policy import Policy

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


def round_of(state: RoundState, **more: Any) -> Round:
    return Round(
        round_id=RoundId(new_id()),
        hub_id=HubId(new_id()),
        programme_id=ProgrammeId(new_id()),
        name="Summer",
        state=state,
        opens_at=None,
        closes_at=NOW + timedelta(days=9),
        policy=Policy(),
        lottery_seed="",
        lottery_commitment="",
        created_at=NOW - timedelta(days=20),
        created_by=None,
        **more,
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=10), "in 10 days"),
        (timedelta(hours=47, minutes=59), "in 47 hours"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(minutes=59), "in less than an hour"),
        (timedelta(0), "has passed"),
    ],
)
def test_countdown_gives_whole_units(left: timedelta, words: str) -> None:
    assert countdown(NOW + left, now=NOW) == words


def test_timeline_of_an_open_round_has_what_was_what_is_and_what_is_planned() -> None:
    steps = timeline(round_of(RoundState.OPEN, opened_at=NOW))
    assert [(step.state, step.standing, step.planned) for step in steps] == [
        ("draft", "done", False),
        ("open", "current", False),
        ("closed", "to come", True),
        ("published", "to come", False),
        ("settled", "to come", False),
    ]


def test_timeline_of_a_cancelled_round_ends_with_its_end() -> None:
    steps = timeline(round_of(RoundState.CANCELLED, opened_at=NOW, cancelled_at=NOW))
    assert [step.state for step in steps] == ["draft", "open", "cancelled"]


def test_last_cost_of_a_list_repeats() -> None:
    policy = Policy(rank_cost=(0, 2, 9))
    assert [rank_cost(policy, rank) for rank in (1, 2, 3, 4, 50)] == [0, 2, 9, 9, 9]


def test_quadratic_costs_prefer_two_second_choices_to_a_first_and_a_fourth_and_linear_ones_too() -> None:
    assert sooner(Policy(rank_cost="quadratic"), (1, 4), (2, 2)) == "second"
    assert sooner(Policy(rank_cost="linear"), (1, 3), (2, 2)) == "same"


def test_settings_are_every_key_of_a_policy_but_the_drawn_seed() -> None:
    assert {one.key for one in SETTINGS} == set(Policy.model_fields) - {"lottery_seed"}


@pytest.mark.parametrize(
    ("typed", "utc"),
    [("5pm", "16:00"), ("17:00", "16:00"), ("1730", "16:30"), ("5.30 PM", "16:30"), ("12am", "23:00"), ("9", "08:00")],
)
def test_moment_is_read_as_people_write_it_in_london(typed: str, utc: str) -> None:
    form = Form({"at-day": ["11"], "at-month": ["6"], "at-year": ["2027"], "at-time": [typed]})
    found: list[Finding] = []
    at = read_moment(form, "at", found=found)
    assert at is not None
    assert f"{at.astimezone(UTC):%H:%M}" == utc


@pytest.mark.parametrize("typed", ["", "25:00", "13pm", "0am", "noon", "5pm; DROP"])
def test_time_that_is_none_is_refused(typed: str) -> None:
    form = Form({"at-day": ["11"], "at-month": ["6"], "at-year": ["2027"], "at-time": [typed]})
    found: list[Finding] = []
    assert read_moment(form, "at", found=found) is None
    assert [one.field for one in found] == ["at-time"]
