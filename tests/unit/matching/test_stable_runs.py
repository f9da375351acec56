"""Runs under ``stable`` go the way of all others: refused by name where the objective knows no such rule."""

from hub_matching.results.model import Result
from hub_matching.runs.model import Failure, FailureCode
from hub_matching.solver.solve import perform
from hub_matching.solver.task import Standing, Task
from hub_schemas.policy import Policy
from tests.support.instances import Round, market

POLICY = Policy(objective="stable")


def ended(round_: Round, standing: Standing | None = None) -> object:
    task = Task(POLICY, round_.files, round_.sha256, standing=standing)
    return perform(task, tell=lambda _: None)


def test_what_stands_can_be_changed_but_not_kept() -> None:
    round_ = market(12, 6)
    first = ended(round_)
    assert isinstance(first, Result)
    stands = first.parts["allocations"]
    changed = ended(round_, Standing(stands, "best"))
    assert isinstance(changed, Result)
    assert changed.parts["allocations"] == stands
    kept = ended(round_, Standing(stands, "frozen"))
    assert isinstance(kept, Failure)
    assert kept.code is FailureCode.BAD_INPUT
    assert "stable can't keep placements that stand" in kept.reason
