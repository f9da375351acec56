"""Repeatable draws, apportionment and UPNs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_deploy.sample.draws import Draws, apportion
from hub_deploy.sample.upn import check_letter, invented_upn


@given(st.integers(0, 20_000), st.lists(st.floats(0.1, 10.0), min_size=1, max_size=40))
def test_apportioned_parts_add_up_and_stay_within_one_of_their_share(total: int, weights: list[float]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1 + 1e-6


def test_a_stream_is_decided_by_its_name_and_seed() -> None:
    first = Draws(1, "students", "100000").units(5).tolist()
    assert Draws(1, "students", "100000").units(5).tolist() == first
    assert Draws(1, "students", "100001").units(5).tolist() != first
    assert Draws(2, "students", "100000").units(5).tolist() != first


@given(st.integers(0, 1_000), st.lists(st.sampled_from([0.0, 1.0, 5.0]), min_size=1, max_size=30), st.integers(1, 12))
def test_several_are_different_and_never_without_weight(seed: int, weights: list[float], count: int) -> None:
    chosen = Draws(seed, "several").several(np.array(weights), count)
    assert len(set(chosen)) == len(chosen) == min(count, sum(weight > 0 for weight in weights))
    assert all(weights[index] > 0 for index in chosen)


def test_pick_follows_the_weights() -> None:
    draws = Draws(3, "pick")
    picked = [draws.pick((("often", 9.0), ("never", 0.0), ("seldom", 1.0))) for _ in range(5_000)]
    assert picked.count("never") == 0
    assert 0.88 < picked.count("often") / len(picked) < 0.92


def test_whole_numbers_reach_both_ends_and_nothing_beyond() -> None:
    draws = Draws(4, "whole")
    assert {draws.whole(2, 5) for _ in range(500)} == {2, 3, 4, 5}


@pytest.mark.parametrize(
    ("digits", "letter"),
    # by hand, the last one: 2x9 + 3x9 + 4x9 + 5x4 + 9x1 + 10x6 + 13x1 = 183 = 7x23 + 22, and Z is letter 22 from A = 0
    [("000000000000", "A"), ("100000000000", "C"), ("000000000001", "P"), ("800000000000", "T"), ("999400016001", "Z")],
)
def test_check_letter_follows_the_guide(digits: str, letter: str) -> None:
    assert check_letter(digits) == letter


def test_invented_upn_has_thirteen_characters_and_an_authority_that_does_not_exist() -> None:
    upn = invented_upn(92, 7)
    assert upn[1:] == "999409216007"
    assert upn[0] == check_letter(upn[1:])
