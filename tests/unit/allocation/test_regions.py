"""Several processes give what one gives."""

import numpy as np
import pytest

from hub_allocation.components import regions
from hub_allocation.errors import Stopped
from hub_allocation.flow.network import build_market
from hub_allocation.objectives.flows import best_allocation
from hub_allocation.policy import Policy
from tests.bench.allocation_instances import instance_of, invent


def nothing(*_: object) -> None:
    """Nobody stops, nobody listens."""


@pytest.fixture(autouse=True)
def _small_rounds_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "LEAST", 100)
    monkeypatch.setattr(regions, "LATE", 0)


@pytest.mark.parametrize("objective", ["balanced", "rank_maximal"])
def test_two_processes_find_what_one_finds(objective: str) -> None:
    instance, pairs = instance_of(invent(600, 150, geography="regions"), Policy(objective=objective))
    market = build_market(instance, pairs)
    standing = np.arange(len(pairs)) % 7 == 0

    def names(at: np.ndarray) -> list[tuple[str, str]]:
        both = zip(pairs.student[at].tolist(), pairs.slot[at].tolist(), strict=True)
        return [(instance.students.ids[who], instance.slots.ids[what]) for who, what in both]

    alone = best_allocation(instance, market, names, check=nothing, settled=nothing, standing=standing)
    shared = regions.solve_regions(
        instance, market, workers=2, check=nothing, settled=nothing, standing=standing
    )  # fmt: skip
    assert shared is not None
    assert (shared.taken == alone.taken).all()
    assert (shared.label == alone.label).all()
    assert shared.levels == alone.levels


def test_shares_hold_every_student_once() -> None:
    instance, pairs = instance_of(invent(600, 150, geography="regions"))
    market = build_market(instance, pairs)
    shares = regions.shared_out(market, 2)
    assert sorted(np.concatenate([share.students for share in shares]).tolist()) == list(range(len(market)))
    assert sorted(np.concatenate([share.options for share in shares]).tolist()) == list(range(len(market.node)))
    assert sorted(np.concatenate([share.nodes for share in shares]).tolist()) == list(range(len(market.nodes)))


@pytest.mark.parametrize(("late", "shares"), [(100, 2), (400, 1)])
def test_nothing_is_left_to_a_process_that_would_begin_when_all_is_done(
    late: int, shares: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = build_market(*instance_of(invent(600, 150, geography="regions")))  # two regions of about 300
    monkeypatch.setattr(regions, "LATE", late)
    assert len(regions.shared_out(market, 2)) == shares


def test_one_entangled_region_is_left_to_one_process() -> None:
    instance, pairs = instance_of(invent(600, 150, geography="cities"))
    market = build_market(instance, pairs)
    assert regions.solve_regions(instance, market, workers=2, check=nothing, settled=nothing) is None


def test_waiting_for_processes_can_be_stopped() -> None:
    instance, pairs = instance_of(invent(600, 150, geography="regions"))
    market = build_market(instance, pairs)

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        regions.solve_regions(instance, market, workers=2, check=stop, settled=nothing)
