"""Runs to choose between in a list: each by its number, the second it was asked for and what its policy changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub_chassis.saying import say_second
from hub_registry.outcomes.listing import Listed
from hub_registry.outcomes.policies import differences
from hub_registry.runs.model import RunState
from hub_registry.web.runs.words import key, state, value


def options(runs: Sequence[Listed], policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give (id, words) of runs, no two with the same words.

    Args:
        runs: those with a result, newest first; the oldest has number 1.
        policy: the round's.
    """
    return [(str(run.run_id), f"{len(runs) - at}: {_words(run, policy)}") for at, run in enumerate(runs)]


def _words(run: Listed, policy: Mapping[str, Any]) -> str:
    stands = ", stands now" if run.state is RunState.PUBLISHED else ""
    return f"{say_second(run.requested_at)}, {_policy(run, policy)} ({state(run.state)}{stands})"


def _policy(run: Listed, policy: Mapping[str, Any]) -> str:
    changed = [f"{key(one.key)}: {value(one.key, one.other)}" for one in differences(policy, run.policy)]
    return "; ".join(changed) or "the round’s policy"
