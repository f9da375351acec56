"""What matching does on each event; all work that takes time is a row that a worker finds."""

from collections.abc import Sequence

from hub_chassis.handlers import Handlers, Taken
from hub_chassis.transaction import Transaction
from hub_matching.inputs import service as inputs
from hub_matching.results import service as results
from hub_matching.runs import service as runs
from hub_schemas import topics
from hub_schemas.events.entries import StudentErased
from hub_schemas.events.round_inputs import InputChunk
from hub_schemas.events.rounds import InputRevised, RoundClosed
from hub_schemas.events.run_requests import RunCancelRequested, RunRequested

handlers = Handlers(service="matching")


@handlers.consume_many(topics.ROUND_INPUTS, InputChunk)
async def on_input_chunks(taken: Sequence[Taken[InputChunk]]) -> None:
    """Keep pieces of a round's frozen input; they come by the hundred."""
    await inputs.store_chunks(taken[0].tx, [each.event for each in taken])


@handlers.consume(topics.ROUNDS, RoundClosed)
async def on_round_closed(event: RoundClosed, tx: Transaction) -> None:
    """Remember what the round's frozen input must hash to before any run may start."""
    await inputs.expect(tx, event)


@handlers.consume(topics.ROUNDS, InputRevised)
async def on_input_revised(event: InputRevised, tx: Transaction) -> None:
    """Remember what an input that follows the round's first one must hash to."""
    await inputs.expect(tx, event)


@handlers.consume(topics.RUN_REQUESTS, RunRequested)
async def on_run_requested(event: RunRequested, tx: Transaction) -> None:
    """Take on a run."""
    await runs.request(tx, event)


@handlers.consume(topics.RUN_REQUESTS, RunCancelRequested)
async def on_run_cancel_requested(event: RunCancelRequested, tx: Transaction) -> None:
    """End a run that is no longer wanted."""
    await runs.cancel(tx, event)


@handlers.consume(topics.ENTRIES, StudentErased)
async def on_student_erased(event: StudentErased, tx: Transaction) -> None:
    """Drop a student's rows and remember the ids."""
    await results.erase(tx, event)
