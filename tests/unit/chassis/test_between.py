"""The token between our services, and its change."""

import pytest

from hub_chassis.between import is_ours
from hub_chassis.settings import Settings

ONE = {"internal_token": "new"}
BOTH = ONE | {"internal_token_before": "old"}


def settings(**tokens: str) -> Settings:
    return Settings(database_url="postgresql://hub@db/hub", demo=True, **tokens)  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["Bearer new", "bearer new", "Bearer old"])
def test_both_tokens_are_ours_while_one_is_being_changed(header: str) -> None:
    assert is_ours(settings(**BOTH), header)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "new", "Basic new", "Bearer old", "Bearer newer", "Bearer né"]
)
def test_nothing_else_is(header: str) -> None:
    assert not is_ours(settings(**ONE), header)
