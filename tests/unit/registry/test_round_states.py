"""The state machine of a round."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hub_registry.errors import (
    ImpossibleDates,
    RoundNotClosed,
    RoundNotDraft,
    RoundNotOpen,
    RoundNotPublished,
    RoundOver,
)
from hub_registry.rounds.model import Round, RoundState, commitment, new_seed
from hub_schemas.ids import HubId, InputId, ProgrammeId, RoundId, RunId, new_id
from hub_schemas.policy import Policy

NOW = datetime(2027, 5, 1, 9, tzinfo=UTC)


def draft() -> Round:
    return Round(
        round_id=RoundId(new_id()),
        hub_id=HubId(new_id()),
        programme_id=ProgrammeId(new_id()),
        name="Summer",
        state=RoundState.DRAFT,
        opens_at=None,
        closes_at=NOW + timedelta(days=7),
        policy=Policy(),
        lottery_seed="ab" * 32,
        lottery_commitment=commitment("ab" * 32),
        created_at=NOW,
        created_by=None,
    )


def in_state(state: RoundState) -> Round:
    round_ = draft()
    if state is RoundState.CANCELLED:
        return round_.cancel("not_needed", at=NOW)
    steps: tuple[tuple[RoundState, Callable[[Round], Round]], ...] = (
        (RoundState.OPEN, lambda one: one.open(at=NOW)),
        (RoundState.CLOSED, lambda one: one.close(at=NOW, input_id=InputId(new_id()))),
        (RoundState.PUBLISHED, lambda one: one.publish(RunId(new_id()), at=NOW)),
        (RoundState.SETTLED, lambda one: one.settle(at=NOW)),
    )
    for reached, step in steps:
        if round_.state is state:
            break
        round_ = step(round_)
        assert round_.state is reached
    return round_


@pytest.mark.parametrize("state", sorted(set(RoundState) - {RoundState.DRAFT}))
def test_only_a_draft_opens_or_changes(state: RoundState) -> None:
    with pytest.raises(RoundNotDraft):
        in_state(state).open(at=NOW)
    with pytest.raises(RoundNotDraft):
        in_state(state).changed({"name": "Other"})


@pytest.mark.parametrize("state", sorted(set(RoundState) - {RoundState.OPEN}))
def test_only_an_open_round_closes(state: RoundState) -> None:
    with pytest.raises(RoundNotOpen):
        in_state(state).close(at=NOW, input_id=InputId(new_id()))


@pytest.mark.parametrize("state", sorted(set(RoundState) - {RoundState.CLOSED, RoundState.PUBLISHED}))
def test_only_a_closed_or_published_round_is_run_and_published(state: RoundState) -> None:
    with pytest.raises(RoundNotClosed):
        in_state(state).frozen_input()
    with pytest.raises(RoundNotClosed):
        in_state(state).publish(RunId(new_id()), at=NOW)


@pytest.mark.parametrize("state", [RoundState.PUBLISHED, RoundState.SETTLED, RoundState.CANCELLED])
def test_what_is_over_is_not_cancelled(state: RoundState) -> None:
    with pytest.raises(RoundOver):
        in_state(state).cancel("too_late", at=NOW)


@pytest.mark.parametrize("state", sorted(set(RoundState) - {RoundState.PUBLISHED}))
def test_only_a_published_round_is_settled(state: RoundState) -> None:
    with pytest.raises(RoundNotPublished):
        in_state(state).settle(at=NOW)


def test_round_does_not_open_after_its_closing_time() -> None:
    with pytest.raises(ImpossibleDates):
        draft().open(at=NOW + timedelta(days=8))


def test_draft_is_not_changed_to_close_before_it_opens() -> None:
    with pytest.raises(ImpossibleDates):
        draft().changed({"opens_at": NOW + timedelta(days=9)})


def test_seed_is_secret_until_closing_and_matches_its_commitment() -> None:
    assert in_state(RoundState.OPEN).revealed_seed is None
    closed = in_state(RoundState.CLOSED)
    assert closed.revealed_seed is not None
    assert commitment(closed.revealed_seed) == closed.lottery_commitment


def test_seeds_have_at_least_128_random_bits_and_differ() -> None:
    seeds = {new_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert all(len(bytes.fromhex(seed)) * 8 >= 128 for seed in seeds)


def test_no_preferences_are_taken_from_the_deadline_on() -> None:
    open_ = in_state(RoundState.OPEN)
    open_.check_takes_preferences(at=open_.closes_at - timedelta(microseconds=1))
    with pytest.raises(RoundNotOpen):
        open_.check_takes_preferences(at=open_.closes_at)
    open_.check_open()
