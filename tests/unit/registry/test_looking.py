"""What is missing in a round is looked up by one at a time; whoever comes meanwhile is shown the look before it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hub_chassis.transaction import Transaction
from hub_registry.inputs import looking, repository
from hub_registry.inputs.missing import Missing
from hub_registry.rounds.model import Round
from hub_schemas.ids import new_id
from hub_schemas.policy import Policy

TX = cast("Transaction", SimpleNamespace(conn=None))


class Table:
    """What is asked of the database: a version, and a look that takes as long as the test wants."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.version, self.looks, self.go_on = 1, 0, asyncio.Event()
        self.go_on.set()
        self.begun = asyncio.Event()
        monkeypatch.setattr(repository, "load_version", self._load_version)
        monkeypatch.setattr(looking, "find_missing", self._find_missing)

    async def _load_version(self, *_: Any) -> int:
        return self.version

    async def _find_missing(self, *_: Any) -> Missing:
        self.looks += 1
        self.begun.set()
        await self.go_on.wait()
        return cast("Missing", f"look {self.looks}")


def a_round() -> Round:
    return cast("Round", SimpleNamespace(round_id=new_id(), policy=Policy()))


async def test_while_somebody_looks_anew_others_are_shown_the_look_before(monkeypatch: pytest.MonkeyPatch) -> None:
    table, round_ = Table(monkeypatch), a_round()
    before = await looking.look(TX, round_)
    table.version, table.begun = 2, asyncio.Event()
    table.go_on.clear()
    slow = asyncio.create_task(looking.look(TX, round_, good_for_s=0))
    await table.begun.wait()
    async with asyncio.timeout(5):
        assert await looking.look(TX, round_, good_for_s=-1) is before
    table.go_on.set()
    assert cast("Any", (await slow).missing) == "look 2"
    assert await looking.look(TX, round_) is await slow


async def test_a_look_that_failed_leaves_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    table, round_ = Table(monkeypatch), a_round()
    before = await looking.look(TX, round_)
    table.version, table.begun = 2, asyncio.Event()
    table.go_on.clear()
    slow = asyncio.create_task(looking.look(TX, round_, good_for_s=0))
    await table.begun.wait()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    assert await looking.look(TX, round_) is before


async def test_only_so_many_looks_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    Table(monkeypatch)
    for _ in range(looking.KEPT + 3):
        await looking.look(TX, a_round())
    assert len(looking._LOOKS) == looking.KEPT
