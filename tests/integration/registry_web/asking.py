"""The notifier's part of a notice to one person, played in tests: it asks for the link, and says what became of it."""

from typing import Any
from uuid import UUID

import httpx

from hub_chassis.batch import Outcome
from hub_schemas.envelope import Fact
from tests.integration.registry_rounds.builder import INTERNAL, RoundWorld


async def asked_for(rounds: RoundWorld) -> list[dict[str, Any]]:
    """Data of the notices asked for, in order."""
    return await rounds.facts("NoticeRequested")


async def notifier_asks(rounds: RoundWorld, request_id: UUID | str, *, token: str = INTERNAL) -> httpx.Response:
    """Ask for address and view."""
    transport = httpx.ASGITransport(rounds.world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        headers = {"Authorization": f"Bearer {token}"}
        return await client.post(f"/internal/v1/notice-requests/{request_id}", headers=headers)


async def link_of(rounds: RoundWorld, request_id: UUID | str) -> str:
    """The address on this site that a mail would lead to now."""
    answer = await notifier_asks(rounds, request_id)
    assert answer.status_code == 200, answer.text
    link: str = answer.json()["notices"][0]["view"]["link"]
    return "/" + link.split("/", 3)[3]


async def settled(rounds: RoundWorld, *facts: Fact) -> Outcome:
    """Let the registry hear facts, each record twice."""
    records = rounds.records(*facts)
    return await rounds.deliver_records([*records, *records])
