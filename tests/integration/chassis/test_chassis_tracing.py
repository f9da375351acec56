"""One trace through a real service, its outbox, a real broker and its consumer, exported by OTLP."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from hub_chassis.handlers import Handlers
from hub_chassis.transaction import Transaction
from hub_schemas import topics
from hub_schemas.events.entries import SlotPublished
from tests.integration.chassis.support import Ledger, hub, published, slot, until, verified
from tests.integration.chassis.test_chassis_service import running
from tests.support.trace_sink import KeptSpan, TraceSink

CALLERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def sink() -> Iterator[TraceSink]:
    with TraceSink() as sink:
        yield sink


def publishing() -> FastAPI:
    app = FastAPI()

    @app.post("/slots/{number}")
    async def publish(number: int, request: Request) -> None:
        async with request.app.state.running.db.transaction(hub_id=hub()) as tx:
            await tx.outbox.add(published(slot(number), 3))

    return app


def answering() -> Handlers:
    handlers = Handlers("ledger")

    @handlers.consume(topics.ENTRIES, SlotPublished)
    async def answer(event: SlotPublished, tx: Transaction) -> None:
        await tx.outbox.add(verified(event.capacity))

    return handlers


async def traced(ledger: Ledger, sink: TraceSink, **changes: Any) -> list[KeptSpan]:
    """The spans of one request and all that follows, as the sink has them once the service has stopped."""
    settings = {"otlp_url": sink.url, "trace_share": 1.0} | changes
    async with running(ledger, handlers=answering(), app=publishing(), changes=settings) as client:
        response = await client.post("/slots/1", headers={"traceparent": CALLERS})
        assert response.status_code == httpx.codes.OK
        await until(lambda: answered(ledger))
    return sink.traces().get("0af7651916cd43dd8448eb211c80319c", [])


async def test_one_trace_from_the_callers_span_to_what_a_handler_stages(ledger: Ledger, sink: TraceSink) -> None:
    spans = await traced(ledger, sink)
    names = [span.name for span in spans]
    assert names == ["POST /slots/{number}", "SlotPublished staged", "SlotPublished handled", "EmployerVerified staged"]
    assert {span.service for span in spans} == {"hub-ledger"}
    parents = [span.parent_id for span in spans]
    assert parents == ["b7ad6b7169203331", *(span.span_id for span in spans[:-1])]
    assert spans[0].attributes["http.response.status_code"] == 200
    assert spans[2].attributes["hub.hub_id"] == str(hub())


async def test_the_record_on_the_topic_carries_the_context(ledger: Ledger, sink: TraceSink) -> None:
    spans = await traced(ledger, sink)
    # The answer may be read before what it answers: they are on two partitions.
    records = await ledger.read(topics.ENTRIES, at_least=2)
    asked = next(record for record in records if json.loads(record.value)["type"] == "SlotPublished")
    staged = next(span for span in spans if span.name == "SlotPublished staged")
    assert dict(asked.headers)["traceparent"].decode() == f"00-{staged.trace_id}-{staged.span_id}-01"


async def test_what_is_not_in_the_share_is_not_sent_and_says_so_to_others(ledger: Ledger, sink: TraceSink) -> None:
    assert await traced(ledger, sink, trace_share=0.0) == []
    first, *_ = await ledger.read(topics.ENTRIES, at_least=1)
    assert dict(first.headers)["traceparent"].endswith(b"-00")


async def answered(ledger: Ledger) -> bool:
    return bool(await ledger.one("SELECT count(*) = 2 FROM outbox WHERE sent_at IS NOT NULL"))
