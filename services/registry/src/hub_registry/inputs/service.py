"""Freezing: in the transaction that closes a round, what stands is written down once and for all."""

import asyncio
import io
import json
import time
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub_chassis.transaction import Transaction
from hub_registry import metrics
from hub_registry.errors import InputNotFrozen, InputUnchanged
from hub_registry.inputs import repository
from hub_registry.inputs.chunks import RowTooLarge, input_chunks
from hub_registry.inputs.gather import Gathered, gather, opaque
from hub_registry.inputs.refusal import refuse_unsolvable
from hub_registry.inputs.repository import FrozenInput
from hub_registry.rounds.model import Round
from hub_schemas import tables
from hub_schemas.events.round_inputs import InputChunk
from hub_schemas.events.runs import InputHeld
from hub_schemas.ids import InputId, RoundId, new_id
from hub_schemas.policy import Policy

POLICY_FILE: Final = "policy.toml"


@dataclass(frozen=True, slots=True)
class Written:
    """The canonical form of an input and the messages that carry it."""

    files: dict[str, bytes]
    sha256: str
    chunks: list[InputChunk]


async def freeze(tx: Transaction, round_: Round, *, at: datetime) -> FrozenInput:
    """Write down what stands now and stage the messages that carry it.

    A round that has a frozen input already gets one that follows it: who took part before keeps their opaque id.

    Raises:
        InputNotFrozen, InputUnchanged: before anything is written.
    """
    began = time.perf_counter()
    known = await repository.load_names(tx.conn, round_.round_id)
    gathered = await gather(tx.conn, round_, name=lambda student: known.get(student) or opaque(student))
    if gathered.lost_pins:
        raise InputNotFrozen(
            "pins name slots that do not enter the round: take them off, or let the slots in",
            pins=[{"student_id": student, "slot_id": slot} for student, slot in gathered.lost_pins[:200]],
        )
    input_id = InputId(new_id())
    try:
        # Sorting and hashing a region takes a second: in a thread, so that other requests are answered meanwhile.
        written = await asyncio.to_thread(write, gathered, round_.round_id, input_id)
    except (RowTooLarge, tables.BadTable) as error:
        raise InputNotFrozen(f"the input can't be written down: {error}") from error
    parent = await repository.load_input(tx.conn, round_.input_id)
    if parent is not None and parent.sha256 == written.sha256:
        raise InputUnchanged("nothing has changed since the round's input was frozen", input_id=str(parent.input_id))
    await asyncio.to_thread(refuse_unsolvable, written.files, round_.policy, names=gathered.names)
    frozen = FrozenInput(
        input_id=input_id,
        sha256=written.sha256,
        rows={name: len(rows) for name, rows in gathered.rows.items()},
        chunks=len(written.chunks),
        frozen_at=at,
        held_at=None,
        parent_input_id=round_.input_id,
    )
    newly = [(student, school) for student, school in zip(gathered.names, gathered.schools, strict=True)
             if student not in known]  # fmt: skip
    await repository.add_participants(
        tx.conn,
        round_,
        names={student: gathered.names[student] for student, _ in newly},
        schools=[school for _, school in newly],
    )
    await repository.add_input(tx.conn, round_, frozen, files=written.files)
    await tx.outbox.add_many(written.chunks)
    metrics.FREEZE_SECONDS.observe(time.perf_counter() - began)
    return frozen


def write(gathered: Gathered, round_id: RoundId, input_id: InputId) -> Written:
    """Make canonical bytes, hash and messages of gathered rows; raises RowTooLarge, hub_schemas.tables.BadTable."""
    files = {table.name: tables.canonical_bytes(table, gathered.rows[table.name]) for table in tables.TABLES}
    chunks = input_chunks(gathered.rows, round_id=round_id, input_id=input_id)
    return Written(files, tables.input_sha256(files), chunks)


async def hold(tx: Transaction, held: InputHeld) -> bool:
    """Note that matching holds a frozen input; False when it is none of ours."""
    assert tx.hub_id is not None  # noqa: S101 -- every message names its hub
    return await repository.mark_held(
        tx.conn, tx.hub_id, held.round_id, input_id=held.input_id, sha256=held.input_sha256
    )


async def archive(tx: Transaction, round_: Round) -> bytes:
    """Pack a round's frozen tables and its policy: the very folder that ``hub-matching solve`` takes.

    Raises:
        RoundNotClosed: nothing is frozen yet.
    """
    files = await repository.load_files(tx.conn, round_.input_id)
    policy = round_.policy.model_copy(update={"lottery_seed": round_.lottery_seed})
    return await asyncio.to_thread(_pack, files, policy)


def policy_toml(policy: Policy) -> str:
    """Write a policy as the policy.toml of matching.md; a JSON text, number, list or truth value is TOML too."""
    values = policy.model_dump(mode="json")
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def _pack(files: dict[str, bytes], policy: Policy) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive_:
        for table in tables.TABLES:
            archive_.writestr(zipfile.ZipInfo(table.file_name), files[table.name], zipfile.ZIP_DEFLATED)
        archive_.writestr(zipfile.ZipInfo(POLICY_FILE), policy_toml(policy).encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
