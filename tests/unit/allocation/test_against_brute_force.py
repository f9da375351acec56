"""The solver against an independent program that tries every allocation."""

import pytest
from hypothesis import HealthCheck, given, settings

from hub_allocation.errors import BadInput
from hub_allocation.policy import Policy
from hub_allocation.solve import solve
from hub_allocation.verify import verify
from tests.unit.allocation import brute_force
from tests.unit.allocation.rounds import Round, read, solved, still
from tests.unit.allocation.strategies import policies, rounds

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(relaxed, max_examples=60)
@given(rounds(), policies())
def test_every_level_and_the_allocation_are_those_of_trying_them_all(round_: Round, policy: Policy) -> None:
    expected = brute_force.best(round_, policy.as_dict())
    if expected is None:
        with pytest.raises(BadInput, match="pinned"):
            solve(read(round_, policy), clock=still)
        return
    outcome, result = solved(read(round_, policy))
    assert tuple(level.value for level in outcome.levels) == expected.levels
    assert tuple(level.bound for level in outcome.levels) == expected.levels
    if expected.ties == 1:
        assert {row.student_id: row.slot_id for row in result.placements} == expected.placements
    for row in result.placements:
        pair = expected.pairs[row.student_id, row.slot_id]
        assert (row.rank, row.minutes, row.mode_used) == (pair.rank, pair.minutes, pair.mode)
    verdict = verify(outcome.instance, result.files())
    assert verdict.reasons == ()


@settings(relaxed, max_examples=30)
@given(rounds(students=7, slots=3, rules=False))
def test_crowded_rounds_with_limits_are_exact(round_: Round) -> None:
    policy = Policy(reserved_priority=500)
    expected = brute_force.best(round_, policy.as_dict())
    assert expected is not None
    outcome, _ = solved(read(round_, policy))
    assert tuple(level.value for level in outcome.levels) == expected.levels
