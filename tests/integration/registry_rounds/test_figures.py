"""What operators are shown of rounds: it follows what people do, tells no more than counts, and stays bounded."""

import json
from datetime import datetime
from uuid import UUID

import pytest

from hub_registry import metrics
from hub_registry.figures import service
from hub_registry.figures.model import Values
from hub_registry.figures.service import Remembered, look
from tests.integration.registry.world import SCHOOL_A
from tests.integration.registry_rounds.builder import PREFERENCES, RoundWorld, preferences


async def seen(rounds: RoundWorld, remembered: Remembered | None = None) -> Values:
    async with rounds.worker.connection() as conn:
        return await look(conn, remembered or Remembered())


def of_round(rows: dict[tuple[str, ...], float], rounds: RoundWorld) -> dict[str, float]:
    """The values of a round by their last label, "" where there is none."""
    end = f"({UUID(rounds.round_id).hex[-6:]})"
    return {(key[2] if len(key) > 2 else ""): value for key, value in rows.items() if key[1].endswith(end)}


async def test_a_draft_is_counted_and_nothing_more(rounds: RoundWorld) -> None:
    values = await seen(rounds)
    assert [(key[1], number) for key, number in values[metrics.BY_STATE].items()] == [("draft", 1.0)]
    assert values[metrics.STATE] == {}
    assert list(values[metrics.ON_HOLD].values()) == [0.0]


async def test_an_open_round_shows_its_deadline_and_who_has_yet_to_act(rounds: RoundWorld) -> None:
    await rounds.world.staff("adviser", school_id=SCHOOL_A)
    await rounds.open()
    shown = await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}"))
    before = await seen(rounds)
    assert of_round(before[metrics.STATE], rounds) == {"open": 1.0}
    (deadline,) = of_round(before[metrics.DEADLINE], rounds).values()
    assert deadline == pytest.approx(datetime.fromisoformat(shown["closes_at"]).timestamp(), abs=1)
    assert of_round(before[metrics.SCHOOLS], rounds) == {"submitted": 0.0, "to_act": 1.0}
    assert of_round(before[metrics.EMPLOYERS], rounds) == {"ready": 1.0, "to_act": 0.0}
    assert of_round(before[metrics.STUDENTS], rounds) == {"": 4.0}
    await rounds.world.upload(
        rounds.hub,
        f"/rounds/{rounds.round_id}/schools/{SCHOOL_A}/preferences/import",
        preferences(*PREFERENCES[SCHOOL_A]),
    )
    after = await seen(rounds)
    assert of_round(after[metrics.SCHOOLS], rounds) == {"submitted": 1.0, "to_act": 0.0}
    assert of_round(after[metrics.WISHING], rounds) == {"": 2.0}


async def test_a_solved_run_shows_what_it_came_to(rounds: RoundWorld) -> None:
    await rounds.solved()
    placed = (await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}/runs")))["items"][0]
    values = await seen(rounds)
    assert of_round(values[metrics.RUNS_NOW], rounds) == {"solved": 1.0}
    assert of_round(values[metrics.PLACED], rounds) == {"": 3.0}
    assert of_round(values[metrics.UNPLACED], rounds) == {"no_preferences": 1.0}
    assert sum(of_round(values[metrics.PLACEMENTS], rounds).values()) == 3.0
    assert of_round(values[metrics.PLACEMENTS], rounds)["first"] >= 1.0
    assert of_round(values[metrics.GAP], rounds) == {"": placed["report"]["gap"] if placed.get("report") else 0.0}
    assert set(of_round(values[metrics.TRAVEL], rounds)) == {"0.5", "0.95"}
    assert of_round(values[metrics.DEADLINE], rounds) == {}


async def test_small_groups_are_not_shown(rounds: RoundWorld) -> None:
    await rounds.solved()
    assert (await seen(rounds))[metrics.GROUPS] == {}


async def test_a_publication_shows_what_became_of_its_notices(rounds: RoundWorld) -> None:
    await rounds.published()
    notices = of_round((await seen(rounds))[metrics.NOTICES], rounds)
    assert notices == {"sent": 0.0, "failed": 0.0, "uncertain": 0.0, "open": notices["open"]}
    assert notices["open"] >= 1.0


async def test_what_a_run_came_to_is_asked_once(rounds: RoundWorld) -> None:
    run_id = await rounds.solved()
    remembered = Remembered()
    first = await seen(rounds, remembered)
    async with rounds.worker.connection() as conn:
        await conn.execute("DELETE FROM placement WHERE run_id = $1", UUID(run_id))
    assert (await seen(rounds, remembered))[metrics.PLACED] == first[metrics.PLACED]
    assert of_round((await seen(rounds))[metrics.PLACED], rounds) == {"": 0.0}


async def test_only_the_newest_rounds_of_a_hub_are_shown(rounds: RoundWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await rounds.published()
    older = rounds.round_id
    rounds.round_id = await rounds.new_round()
    await rounds.open()
    assert len((await seen(rounds))[metrics.STATE]) == 2
    monkeypatch.setattr(service, "ROUNDS_EACH", 1)
    values = await seen(rounds)
    assert of_round(values[metrics.STATE], rounds) == {"open": 1.0}
    rounds.round_id = older
    assert of_round(values[metrics.STATE], rounds) == {}


async def test_nothing_personal_is_in_the_figures(rounds: RoundWorld) -> None:
    await rounds.published()
    shown = json.dumps([list(rows) for rows in (await seen(rounds)).values()])
    for private in ("Erin", "Lunt", "1001", "L13", SCHOOL_A, "Tern", "@"):
        assert private not in shown
