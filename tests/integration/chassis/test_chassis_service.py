"""A whole service on real servers: what comes in, what goes out, how it answers, how it ends."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request

from hub_chassis.handlers import Handlers
from hub_chassis.service import Running, Service
from hub_chassis.transaction import Transaction
from hub_deploy.embedded.postgres import Postgres
from hub_deploy.embedded.process import free_port
from hub_schemas import topics
from hub_schemas.events.entries import SlotPublished
from tests.integration.chassis.support import PACKAGE, Ledger, hub, message, noting, published, slot, until, verified
from tests.support.databases import Databases
from tests.support.servers import KafkaServer, PostgresServer


@asynccontextmanager
async def running(ledger: Ledger, *, status: int = 0, **parts: Any) -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    stop = asyncio.Event()
    changes = parts.pop("changes", {})
    service = Service(ledger.settings(http_port=port, **changes), package=PACKAGE, **parts)
    serving = asyncio.create_task(service.serve(stop))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            await until(lambda: answers(client, "/health/live", 200))
            yield client
    finally:
        stop.set()
        assert await asyncio.wait_for(serving, 60) == status


async def answers(client: httpx.AsyncClient, path: str, status: int) -> bool:
    try:
        return (await client.get(path)).status_code == status
    except httpx.TransportError:
        return False


def answering() -> Handlers:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def answer(event: SlotPublished, tx: Transaction) -> None:
        await tx.conn.execute(
            "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)", tx.hub_id, event.slot_id, event.capacity
        )
        await tx.outbox.add(verified(event.capacity))

    return handlers


def api() -> FastAPI:
    app = FastAPI()

    @app.post("/slots/{number}")
    async def publish(number: int, request: Request) -> dict[str, str]:
        parts: Running = request.app.state.running
        async with parts.db.transaction(hub_id=hub()) as tx:
            return {"id": str(await tx.outbox.add(published(slot(number), number)))}

    return app


async def test_a_fact_that_comes_in_has_its_effect_and_its_answer_goes_out(ledger: Ledger) -> None:
    key, raw = message(published(slot(1), 5), seq=1)
    await ledger.send((key, raw))
    async with running(ledger, handlers=answering()) as client:
        await until(lambda: answers(client, "/health/ready", 200))
        records = await ledger.read(topics.ENTRIES, at_least=2)
        metrics = (await client.get("/metrics")).text

    asked = json.loads(raw)
    answered = next(record for record in records if b"EmployerVerified" in record.value)
    got = json.loads(answered.value)
    assert await ledger.capacities() == [5]
    assert (got["correlation_id"], got["causation_id"]) == (asked["correlation_id"], asked["id"])
    assert (got["source"], got["hub_id"]) == ("ledger", asked["hub_id"])
    assert got["seq"] == await ledger.one("SELECT id FROM outbox")
    assert answered.key.decode() == f"{got['hub_id']}:{got['subject']}"
    assert 'hub_consumer_records_total{outcome="handled"}' in metrics
    assert "hub_outbox_unsent_rows" in metrics


async def test_a_requests_correlation_id_comes_back_and_travels_with_its_facts(ledger: Ledger) -> None:
    correlation_id = str(uuid.uuid4())
    async with running(ledger, app=api()) as client:
        await until(lambda: answers(client, "/health/ready", 200))
        answer = await client.post("/slots/3", headers={"X-Correlation-Id": correlation_id})
        record = (await ledger.read(topics.ENTRIES, at_least=1))[0]
        metrics = (await client.get("/metrics")).text
    assert answer.headers["X-Correlation-Id"] == correlation_id
    message_out = json.loads(record.value)
    assert (message_out["id"], message_out["correlation_id"]) == (answer.json()["id"], correlation_id)
    assert 'hub_http_requests_total{method="POST",route="/slots/{number}",status="200"}' in metrics


async def test_while_kafka_is_away_the_api_works_and_the_outbox_queues(ledger: Ledger) -> None:
    away = {"kafka_bootstrap": f"127.0.0.1:{free_port()}"}
    async with running(ledger, handlers=noting(), app=api(), changes=away) as client:
        await until(lambda: answers(client, "/health/ready/http", 200))
        assert (await client.post("/slots/3")).status_code == 200
        ready = await client.get("/health/ready")
    assert ready.status_code == 503
    assert "consumer" in ready.json()["reasons"]
    assert await ledger.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 1


async def test_while_postgres_is_away_the_api_answers_503_and_goes_on_when_it_is_back(
    own_postgres: Postgres, kafka_server: KafkaServer, topic_prefix: str
) -> None:
    database = await Databases(PostgresServer(own_postgres.url(), "the test's own")).make()
    ledger = Ledger(database, bootstrap=kafka_server.bootstrap, prefix=topic_prefix)
    own_postgres.kill()
    changes = {"database_owner_url": database.owner_url, "acquire_timeout_s": 2.0}
    async with running(ledger, handlers=noting(), app=api(), changes=changes) as client:
        starting = await client.post("/slots/1")
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: posts(client, 200))
        own_postgres.kill()
        await until(lambda: posts(client, 503))
        away = await client.post("/slots/2")
        assert (await client.get("/health/live")).status_code == 200
        not_ready = await client.get("/health/ready")
        await asyncio.to_thread(own_postgres.start)
        await until(lambda: posts(client, 200))
        await until(lambda: answers(client, "/health/ready", 200))
        await ledger.read(topics.ENTRIES, at_least=2)
    assert starting.status_code == 503
    assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
    assert "database" in not_ready.json()["reasons"]


async def posts(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.post("/slots/2")).status_code == status


async def test_a_consumer_that_hangs_while_records_wait_ends_the_service_with_an_error(ledger: Ledger) -> None:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def hang(event: SlotPublished, tx: Transaction) -> None:
        await asyncio.Event().wait()

    await ledger.send(message(published(slot(1), 1)))
    changes = {"watchdog_s": 3.0, "graceful_timeout_s": 1.0}
    async with running(ledger, status=1, handlers=handlers, changes=changes) as client:
        await until(lambda: gone(client))
    assert await ledger.capacities() == []


async def gone(client: httpx.AsyncClient) -> bool:
    return not await answers(client, "/health/live", 200)


async def test_a_worker_that_crashes_is_started_again(ledger: Ledger) -> None:
    starts = 0

    async def worker(parts: Running) -> None:
        nonlocal starts
        starts += 1
        if starts < 3:
            raise ZeroDivisionError
        await parts.stop.wait()

    async def started() -> bool:
        return starts == 3

    async with running(ledger, workers=[worker]):
        await until(started)
    assert starts == 3
