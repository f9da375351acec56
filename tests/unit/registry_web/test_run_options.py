"""Runs to choose between in a list."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub_registry.outcomes.listing import Listed
from hub_registry.runs.model import RunState
from hub_registry.web.runs.options import options
from hub_schemas.ids import new_id

AT = datetime(2027, 6, 11, 16, 0, 7, tzinfo=UTC)
POLICY: dict[str, Any] = {"use_interests": False, "lottery_seed": 4}


def test_runs_of_one_second_and_one_policy_differ_in_words_and_policies_are_told() -> None:
    first = Listed(new_id(), RunState.SOLVED, POLICY, AT, "Ada")
    again = replace(first, run_id=new_id())
    wishes = Listed(new_id(), RunState.SOLVED, {**POLICY, "use_interests": True}, AT + timedelta(seconds=1), None)
    found = options([wishes, again, first], POLICY)
    assert [run_id for run_id, _ in found] == [str(run.run_id) for run in (wishes, again, first)]
    words = [text for _, text in found]
    assert len(set(words)) == 3
    assert words[0].startswith("3: 11 June 2027 at 5:00:08pm, May interests stand in for choices?: Yes (")
    assert words[2].startswith("1: 11 June 2027 at 5:00:07pm, the round’s policy (")
