"""Use cases of frozen inputs: chunks arrive, the closing announces, the whole is checked and held."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from hub_chassis.transaction import Transaction
from hub_matching import metrics
from hub_matching.errors import InputConflict
from hub_matching.inputs import erasure, repository
from hub_matching.inputs.model import Assembled, FrozenInput, Place, assemble, difference
from hub_schemas.events.round_inputs import InputChunk
from hub_schemas.events.rounds import InputRevised, RoundClosed
from hub_schemas.events.runs import InputHeld
from hub_schemas.ids import HubId, InputId
from hub_schemas.tables import BY_NAME

OnHeld = Callable[[Transaction, FrozenInput], Awaitable[None]]
"""What follows, in the same transaction, once an input is held (or can never be)."""


async def store_chunks(tx: Transaction, chunks: Sequence[InputChunk]) -> None:
    """Keep pieces of inputs that are not held yet; raises InputConflict when one can't belong to its input."""
    await erasure.hold_off(tx.conn, _hub(tx))
    places: dict[InputId, Place] = {}
    for chunk in chunks:
        if chunk.table not in BY_NAME:
            raise InputConflict(chunk.input_id, f"there is no table {chunk.table!r}")
        if chunk.input_id not in places:
            places[chunk.input_id] = await repository.lock_for_chunks(
                tx.conn, chunk.input_id, hub_id=_hub(tx), round_id=chunk.round_id
            )
        _same_round(places[chunk.input_id], tx, chunk)
    wanted = [chunk for chunk in chunks if not places[chunk.input_id].held]
    gone = await erasure.erased_among(tx, wanted)
    pieces: list[repository.Piece] = []
    for chunk in wanted:
        rows = erasure.cleaned(chunk.table, chunk.rows, gone) if gone else chunk.rows
        pieces.append((chunk.input_id, chunk.index, chunk.table, rows))
        if gone and tuple(rows) != chunk.rows:
            await repository.mark_unusable(tx.conn, chunk.input_id, reason=erasure.REASON)
    await repository.add_chunks(tx.conn, pieces)


async def expect(tx: Transaction, closed: RoundClosed | InputRevised) -> None:
    """Remember what a round's input must hash to before any run of it may start; raises InputConflict."""
    input_ = await repository.lock(tx.conn, closed.input_id, hub_id=_hub(tx), round_id=closed.round_id)
    _same_round(input_, tx, closed)
    announced = (input_.expected_sha256, input_.expected_chunks, input_.expected_rows)
    if input_.expected_sha256 is not None:
        if announced != (closed.input_sha256, closed.chunks, closed.rows):
            raise InputConflict(closed.input_id, "announced before with other figures")
        return
    await repository.announce(
        tx.conn,
        closed.input_id,
        sha256=closed.input_sha256,
        chunks=closed.chunks,
        rows=closed.rows,
        parent=closed.parent_input_id if isinstance(closed, InputRevised) else None,
        correlation_id=tx.cause.correlation_id if tx.cause else None,
        causation_id=tx.cause.id if tx.cause else None,
    )


async def check_one(tx: Transaction, input_: FrozenInput, *, on_held: OnHeld, on_refused: OnHeld) -> None:
    """Hold an input whose chunks are all here if they hash right; otherwise keep it waiting and say why."""
    assert input_.expected_sha256 is not None  # noqa: S101 -- only announced inputs are complete
    began = time.monotonic()
    await erasure.hold_off(tx.conn, input_.hub_id)
    chunks = await repository.load_chunks(tx.conn, input_.input_id)
    try:
        # A large input takes seconds: in a thread, so that heartbeats go on.
        made = await asyncio.to_thread(assemble, chunks)
    except ValueError as bad:  # BadTable, or text that is no Unicode
        await repository.refuse(tx.conn, input_.input_id, found_sha256=None, fault=f"the chunks make no table: {bad}")
        metrics.INPUTS_CHECKED.labels(outcome="unreadable").inc()
        await on_refused(tx, await repository.read(tx.conn, input_.input_id))
        return
    expected_rows = input_.expected_rows or {}
    fault = difference(made, expected_sha256=input_.expected_sha256, expected_rows=expected_rows)
    if fault is None:
        await _hold(tx, input_, made)
        metrics.INPUTS_CHECKED.labels(outcome="held").inc()
        metrics.INPUT_CHECK_SECONDS.observe(time.monotonic() - began)
        await on_held(tx, await repository.read(tx.conn, input_.input_id))
    else:
        await repository.refuse(tx.conn, input_.input_id, found_sha256=made.sha256, fault=fault)
        metrics.INPUTS_CHECKED.labels(outcome="wrong_hash").inc()
        await on_refused(tx, await repository.read(tx.conn, input_.input_id))


async def _hold(tx: Transaction, input_: FrozenInput, made: Assembled) -> None:
    await repository.hold(tx.conn, input_.input_id, sha256=made.sha256, files=made.files)
    held = InputHeld(round_id=input_.round_id, input_id=input_.input_id, input_sha256=made.sha256)
    await tx.outbox.add(held, hub_id=input_.hub_id)


def _hub(tx: Transaction) -> HubId:
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    return tx.hub_id


def _same_round(known: FrozenInput | Place, tx: Transaction, fact: InputChunk | RoundClosed | InputRevised) -> None:
    if (known.round_id, known.hub_id) != (fact.round_id, tx.hub_id):
        raise InputConflict(fact.input_id, "belongs to another round")
