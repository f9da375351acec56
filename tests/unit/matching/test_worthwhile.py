"""When a run is worth cutting into shares, and that its shares come to what the whole comes to."""

import pytest

from hub_allocation.components.prepared import Prepared, prepare
from hub_allocation.policy import Policy as Rules
from hub_allocation.reading.tables import read_instance
from hub_matching.results.model import Result
from hub_matching.solver.solve import perform, worthwhile
from hub_matching.solver.task import Begin, Join, Planned, Share, SolvedShare, Task
from hub_matching.solver.wire import Progress
from hub_schemas.policy import Policy
from tests.support.instances import Round, market

POLICY = Policy(lottery_seed="seed")


def towns(*sizes: int) -> Round:
    """Markets of so many students that have nothing to do with each other."""
    rows: dict[str, list[tuple[str, ...]]] = {}
    for number, size in enumerate(sizes):
        for table, found in market(size, max(3, size // 3), seed=number + 1).rows.items():
            if table in {"schools", "travel"}:
                rows.setdefault(table, found)
            else:
                rows.setdefault(table, []).extend(tuple(_named(cell, number) for cell in row) for row in found)
    return Round(rows | {"travel": market(9, 9).rows["travel"]})


def _named(cell: str, number: int) -> str:
    return f"t{number}{cell}" if cell[:1] in {"s", "p", "e"} and cell[1:].isdigit() else cell


def prepared(round_: Round, **policy: object) -> Prepared:
    return prepare(read_instance(round_.files, Rules.from_mapping({"lottery_seed": "seed", **policy})))


def done(round_: Round, part: Begin | Share | Join) -> object:
    said: list[Progress] = []
    return perform(Task(POLICY, round_.files, round_.sha256, part), tell=said.append)


def test_round_of_two_like_towns_is_cut_once_it_is_large_enough() -> None:
    round_ = prepared(towns(30, 30))
    assert worthwhile(round_, most=2, pairs=1) == 2
    assert worthwhile(round_, most=8, pairs=1) == 2
    assert worthwhile(round_, most=1, pairs=1) == 1
    assert worthwhile(round_, most=2, pairs=100_000) == 1


def test_round_is_not_cut_when_one_share_would_have_nearly_all_of_it() -> None:
    assert worthwhile(prepared(towns(60, 4)), most=2, pairs=1) == 1
    assert worthwhile(prepared(towns(60)), most=2, pairs=1) == 1


def test_round_with_a_stable_objective_is_not_cut() -> None:
    assert worthwhile(prepared(towns(30, 30), objective="stable"), most=2, pairs=1) == 1


@pytest.mark.parametrize("count", [2, 3])
def test_shares_put_together_are_the_very_files_of_the_whole(count: int) -> None:
    round_ = towns(24, 21, 18)
    whole = done(round_, Begin())
    assert done(round_, Begin(count, 1)) == Planned(count)
    shares = [done(round_, Share(number, count)) for number in range(1, count + 1)]
    solved = tuple(share for share in shares if isinstance(share, SolvedShare))
    assert len(solved) == count
    together = done(round_, Join(solved))
    assert isinstance(whole, Result)
    assert isinstance(together, Result)
    assert {**together.parts, "run": b""} == {**whole.parts, "run": b""}
    assert together.summary.levels == whole.summary.levels
