"""Figures replace each other whole, go when they are old, and strangers' methods make no time series of their own."""

import json
import time
from typing import Any

import pytest

from hub_chassis import telemetry
from hub_chassis.health import Health
from hub_chassis.http import Around
from hub_chassis.telemetry import FRESH_S, Figures


def served(figures: Figures) -> dict[tuple[str, ...], float]:
    (family,) = figures.collect()
    return {tuple(sample.labels.values()): sample.value for sample in family.samples}


def test_what_is_not_named_any_more_is_gone() -> None:
    figures = Figures("hub_test_records", "for the test", ("topic",))
    figures.replace({("a",): 1.0, ("b",): 2.0})
    figures.replace({("b",): 3.0})
    assert served(figures) == {("b",): 3.0}


def test_figures_that_nobody_replaced_for_long_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = Figures("hub_test_records", "for the test", ("topic",))
    figures.replace({("a",): 1.0})
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + FRESH_S + 1)
    assert served(figures) == {}


async def test_an_invented_method_is_counted_with_the_others() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        return None

    around = Around(app, health=Health())
    around.starting = False
    scope = {"type": "http", "path": "/", "method": "INVENTED", "headers": []}
    await around(scope, _never, _never)
    served_now = telemetry.exposition().decode()
    assert 'method="other"' in served_now
    assert "INVENTED" not in served_now


async def test_whoever_asks_whether_it_lives_is_told_that_and_no_version() -> None:
    around = Around(_never, health=Health())
    said: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        said.append(message)

    await around({"type": "http", "path": "/health/live", "method": "GET", "headers": []}, _never, send)
    assert json.loads(said[1]["body"]) == {"status": "live"}


async def _never(*_: object) -> Any:
    raise AssertionError("nobody reads or writes here")
