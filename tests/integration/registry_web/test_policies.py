"""The policy of a round by page."""

from typing import Any

import pytest

from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.hub_pages import coordinator

POLICY = {
    "objective": "balanced",
    "rank_cost": "own",
    "rank_costs": "0, 3, 4",
    "places_per_student": "2",
    "use_interests": "yes",
    "default_max_travel_minutes": "75",
    "reserved_priority": "500",
    "variety": "prefer",
    "travel": "file",
    "time_limit_seconds": "60",
    "credit_unplaced": "200",
    "credit_per_rank": "20",
    "credit_most": "400",
}


async def stored(rounds: RoundWorld) -> dict[str, Any]:
    """The policy as the API shows it."""
    policy: dict[str, Any] = (await rounds.ok(rounds.hub.get(f"/rounds/{rounds.round_id}")))["policy"]
    return policy


async def test_every_key_of_a_policy_is_set_and_said_in_plain_words(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/rounds/{rounds.round_id}/policy")
        await visitor.send(POLICY)
        assert "The policy was changed." in visitor.text()
        assert "A student limited to 75 minutes gets no place whose journey" in visitor.text()
        assert "first costs 4 and the second 6: one gets the 1st choice and the other the 4th" in visitor.text()
    told = await stored(rounds)
    assert told.pop("rank_cost") == [0, 3, 4]
    assert told.pop("use_interests") is True
    assert {key: str(value) for key, value in told.items()} == {key: POLICY[key] for key in told}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"places_per_student": "21"}, "places_per_student"),
        ({"places_per_student": "two"}, "places_per_student"),
        ({"objective": "fairest"}, "objective"),
        ({"rank_costs": "0, -1"}, "rank_costs"),
        ({"rank_costs": "0, 10000000"}, "rank_costs"),
        ({"credit_unplaced": "10", "credit_per_rank": "900"}, "credit_per_rank"),
    ],
)
async def test_what_is_wrong_with_a_policy_stands_at_its_field(
    rounds: RoundWorld, wrong: dict[str, str], field: str
) -> None:
    before = await stored(rounds)
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/rounds/{rounds.round_id}/policy")
        page = await visitor.send({**POLICY, **wrong})
        assert (page.status_code, f'href="#{field}"' in page.text, f'id="{field}"' in page.text) == (422, True, True)
    assert await stored(rounds) == before


async def test_policy_of_an_open_round_is_only_read(rounds: RoundWorld) -> None:
    async with coordinator(rounds.world) as visitor:
        await visitor.open(f"/rounds/{rounds.round_id}/policy")
        await rounds.open()
        assert (await visitor.send(POLICY)).status_code == 409
        await visitor.open(f"/rounds/{rounds.round_id}/policy")
        assert "can't be changed any more" in visitor.text()
        assert "Save the policy" not in visitor.page.text
