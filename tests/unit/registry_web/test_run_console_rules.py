"""Figures of a run on its way, policies beside each other, groups with small numbers hidden, pages of lists, files."""

from datetime import UTC, datetime
from typing import Any

from hub_registry.outcomes.groups import tabulate
from hub_registry.outcomes.policies import differences
from hub_registry.runs.live import levels_of, live
from hub_registry.runs.model import Run, RunState
from hub_registry.web.paging import Pages
from hub_registry.web.runs import figures
from hub_registry.web.runs.words import reason
from hub_schemas.ids import HubId, InputId, RoundId, RunId, new_id
from hub_schemas.policy import Policy


def run(**more: Any) -> Run:
    return Run(
        run_id=RunId(new_id()),
        hub_id=HubId(new_id()),
        round_id=RoundId(new_id()),
        input_id=InputId(new_id()),
        policy=more.pop("policy", Policy()),
        state=more.pop("state", RunState.SOLVING),
        requested_by=None,
        requested_at=datetime(2027, 6, 1, tzinfo=UTC),
        **more,
    )


def test_levels_before_the_one_at_work_are_settled() -> None:
    seen = live(run(progress={"step": "solve", "level": "priority", "value": 75, "bound": 100, "seconds": 61.0}))
    assert seen.settled == ("students", "placements")
    assert (seen.gap, figures.of(seen)["levels"]) == (0.25, "2 of 6 settled")
    assert figures.of(seen)["seconds"] == "61 seconds of at most 300 seconds for solving"


def test_change_runs_settle_moves_too_and_rank_maximal_grows_with_the_rank_at_work() -> None:
    assert "moves" in levels_of(Policy(), changing=True)
    ranks = levels_of(Policy(objective="rank_maximal"), changing=False, now="rank_2")
    assert ranks == ("rank_1", "rank_2", "priority", "minutes", "lottery")


def test_run_that_waits_says_for_what_and_a_bound_of_zero_is_no_error() -> None:
    assert figures.of(live(run(state=RunState.WAITING, waiting_for="a solver")))["doing"] == "Waiting for a solver"
    seen = live(run(progress={"step": "solve", "level": "moves", "value": 0, "bound": 0, "seconds": 1.0}))
    assert figures.of(seen)["gap"] == "none: proven best"


def test_policies_differ_in_what_people_chose_not_in_the_draw() -> None:
    one = Policy(lottery_seed="a", rank_cost=(0, 1)).model_dump()
    other = Policy(lottery_seed="b", rank_cost=(0, 1), variety="require").model_dump(mode="json")
    assert [(each.key, each.one, each.other) for each in differences(one, other)] == [("variety", "off", "require")]


def counts(**students: int) -> list[dict[str, Any]]:
    common = {"free_school_meals": False, "send_status": "N", "la": "Here"}
    return [
        {**common, "gender": name[0], "rank": None if name.endswith("none") else 1, "students": many}
        for name, many in students.items()
    ]


def test_small_numbers_of_a_group_are_hidden_and_can_not_be_worked_out_from_the_totals() -> None:
    found = {one.heading: one for one in tabulate(counts(F_first=40, F_none=3, M_first=50, M_none=20))}
    rows = {name: cells for name, _, cells in found["Sex"].rows}
    assert rows["Female"] == (None, 0, 0, None)
    assert rows["Male"] == (None, 0, 0, None)


def test_run_without_students_has_no_groups() -> None:
    assert [one.rows for one in tabulate([])] == [[], [], [], []]


def test_pages_beyond_the_end_are_the_last_and_keep_the_filters() -> None:
    pages = Pages(230, 99)
    assert (pages.number, pages.offset, pages.shown) == (5, 200, "201 to 230 of 230")
    links = pages.links("/x", {"q": "a&b", "reason": ""})
    assert links["previous"]["href"] == "/x?q=a%26b&page=4"
    assert "next" not in links
    assert Pages(0, 1).shown == "0 to 0 of 0"


def test_reason_with_a_rule_is_said_in_words() -> None:
    assert reason("no_feasible_choice:too_far") == "No choice they may take: too far"
    assert reason("not_feasible:dates") == "May no longer take it: not available on its dates"
