"""A whole service on real servers: what comes in, what goes out, how it answers, how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from hub_chassis.handlers import Handlers
from hub_chassis.service import Service
from hub_chassis.transaction import Transaction
from hub_deploy.embedded.process import free_port
from hub_schemas import topics
from hub_schemas.events.entries import SlotPublished
from tests.integration.chassis.support import PACKAGE, Ledger, message, published, slot, until, verified


@asynccontextmanager
async def running(ledger: Ledger, **parts: Any) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    stop = asyncio.Event()
    changes = parts.pop("changes", {})
    service = Service(ledger.settings(http_port=port, **changes), package=PACKAGE, **parts)
    serving = asyncio.create_task(service.serve(stop))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            yield client
    finally:
        stop.set()
        assert await asyncio.wait_for(serving, 60) == 0


async def ready(client: httpx.AsyncClient) -> None:
    async def is_ready() -> bool:
        try:
            return (await client.get("/health/ready")).status_code == 200
        except httpx.TransportError:
            return False

    await until(is_ready)


async def test_a_fact_that_comes_in_has_its_effect_and_its_answer_goes_out(ledger: Ledger) -> None:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def answer(event: SlotPublished, tx: Transaction) -> None:
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )
        await tx.outbox.add(verified(event.capacity))

    key, raw = message(published(slot(1), 5), seq=1)
    await ledger.send((key, raw))
    async with running(ledger, handlers=handlers) as client:
        await ready(client)
        _, answered = await ledger.read(topics.ENTRIES, at_least=2)
        metrics = (await client.get("/metrics")).text

    asked, got = json.loads(raw), json.loads(answered.value)
    assert await ledger.capacities() == [5]
    assert got["type"] == "EmployerVerified"
    assert (got["correlation_id"], got["causation_id"]) == (asked["correlation_id"], asked["id"])
    assert got["source"] == "ledger"
    assert got["seq"] == await ledger.one("SELECT id FROM outbox")
    assert answered.key.decode() == f"{got['hub_id']}:{got['subject']}"
    assert 'hub_consumer_records_total{outcome="handled"}' in metrics
