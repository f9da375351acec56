"""Rounds for tests: entered through the API, solved by matching's own solver, its facts handed to the real handlers."""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from hub_chassis.batch import Outcome, handle_batch
from hub_chassis.clock import Clock
from hub_chassis.database import Database
from hub_chassis.record import Received
from hub_matching.results.chunks import cut
from hub_matching.results.model import Result
from hub_matching.solver.solve import perform
from hub_matching.solver.task import Standing, Task
from hub_registry.due import due
from hub_registry.handlers import handlers
from hub_registry.results.service import take_next
from hub_schemas.envelope import Envelope, Fact
from hub_schemas.events.run_results import ResultChunk
from hub_schemas.events.runs import InputHeld, RunAccepted, RunProgressed, RunSolved, RunWaiting
from hub_schemas.ids import HubId, InputId, RoundId, RunId, new_id
from hub_schemas.policy import Policy
from hub_schemas.results import result_sha256
from hub_schemas.tables import input_sha256
from tests.integration.registry.world import EMPLOYER, PROGRAMME, SCHOOL_A, SCHOOL_B, SLOT, World, csv_of, student

INTERNAL = "tests-internal"
POSTCODES = (
    {"postcode": "L13 3BA", "lat": "53.4167", "lon": "-2.9167"},
    {"postcode": "L13 5UQ", "lat": "53.4137", "lon": "-2.9101"},
    {"postcode": "L1 8JX", "lat": "53.4048", "lon": "-2.9816"},
)
GAMES = SLOT
WEB = {**SLOT, "slot_ref": "S-WEB", "title": "A week making web pages", "capacity": "2", "reserved": "0"}
STUDENTS = {
    SCHOOL_A: (student("1001"), student("1002", first_name="Zoë", access_needs="step_free"), student("1003")),
    SCHOOL_B: (student("2001"),),
}
PREFERENCES = {
    SCHOOL_A: (("1001", 1, "S-GAMES"), ("1001", 2, "S-WEB"), ("1002", 1, "S-GAMES"), ("1002", 2, "S-WEB")),
    SCHOOL_B: (("2001", 1, "S-WEB"),),
}


def preferences(*rows: tuple[str, int | str, str]) -> bytes:
    """A school's file."""
    return csv_of(*({"mis_id": who, "rank": str(rank), "slot_ref": slot} for who, rank, slot in rows))


@dataclass
class RoundWorld:
    """A world with a round in it; ``hub`` and ``second`` are two people of the hub."""

    world: World
    worker: Database
    programme: str = ""
    round_id: str = ""
    employer_id: str = ""
    second: httpx.AsyncClient = field(init=False)

    @property
    def hub(self) -> httpx.AsyncClient:
        return self.world.hub

    async def enter(self) -> None:
        """Schools, an employer with two slots, students, a draft round."""
        world = self.world
        await world.with_schools()
        await world.upload(world.hub, "/postcodes/import", csv_of(*POSTCODES))
        self.programme = (await world.hub.post("/programmes", json=PROGRAMME)).json()["programme_id"]
        await world.upload(world.hub, "/employers/import", csv_of(EMPLOYER))
        await self.ok(world.hub.post("/employers/verifications", json={"all": True}))
        await world.upload(world.hub, f"/programmes/{self.programme}/slots/import", csv_of(GAMES, WEB))
        self.employer_id = (await world.hub.get("/employers")).json()["items"][0]["employer_id"]
        for urn, rows in STUDENTS.items():
            await world.upload(world.hub, f"/schools/{urn}/students/import", csv_of(*rows))
        self.second = await world.staff("hub")
        self.round_id = await self.new_round()

    async def new_round(self, *, closes_in: timedelta = timedelta(days=10), **more: Any) -> str:
        """Make another draft."""
        closes_at = (datetime.now(UTC) + closes_in).isoformat()
        body = {"programme_id": self.programme, "name": "Summer", "closes_at": closes_at, **more}
        made = await self.ok(self.hub.post("/rounds", json=body), 201)
        return str(made["round_id"])

    async def open(self) -> None:
        """Open the round."""
        await self.ok(self.hub.post(f"/rounds/{self.round_id}/open"))

    async def submit(self) -> None:
        """Both schools submit."""
        for urn, rows in PREFERENCES.items():
            await self.world.upload(
                self.hub, f"/rounds/{self.round_id}/schools/{urn}/preferences/import", preferences(*rows)
            )

    async def close(self) -> dict[str, Any]:
        """Open, fill and close the round."""
        await self.open()
        await self.submit()
        return await self.ok(self.hub.post(f"/rounds/{self.round_id}/close"))

    async def run(self, policy: dict[str, Any] | None = None, **more: Any) -> str:
        """Ask for a run."""
        body = {"policy": policy or {}, **more}
        asked = await self.ok(self.hub.post(f"/rounds/{self.round_id}/runs", json=body), 202)
        return str(asked["run_id"])

    async def solved(self, run_id: str | None = None) -> str:
        """Close (unless a run is given), run, and let matching's facts arrive."""
        if run_id is None:
            await self.close()
            run_id = await self.run()
        await self.deliver(*await self.answer(run_id))
        await self.take()
        assert (await self.shown(run_id))["state"] == "solved"
        return run_id

    async def approved(self, run_id: str | None = None) -> str:
        """A solved run, approved by two people."""
        run_id = await self.solved(run_id)
        for person in (self.hub, self.second):
            await self.ok(person.post(f"/runs/{run_id}/approvals", json={"comment": "looked at it"}))
        return run_id

    async def published(self, run_id: str | None = None) -> str:
        """A published run."""
        run_id = await self.approved(run_id)
        await self.ok(self.hub.post(f"/runs/{run_id}/publication"))
        return run_id

    async def published_with_games_withdrawn(self) -> None:
        """Publish; S-GAMES, where 1001 and 1002 are placed, is withdrawn then; 1001 has S-WEB, too."""
        await self.published()
        await self.execute(
            "INSERT INTO placement SELECT p.run_id, p.hub_id, p.round_id, p.student_id, p.school_id, l.slot_id, "
            "p.employer_id, p.rank, p.minutes, p.mode_used FROM placement p JOIN student s USING (student_id), slot l "
            "WHERE s.mis_id = '1001' AND l.slot_ref = 'S-WEB'"
        )
        await self.execute("UPDATE slot SET state = 'withdrawn', withdrawn_reason = 'other' WHERE slot_ref = 'S-GAMES'")

    async def files(self) -> dict[str, bytes]:
        """What the round's download holds, by file name."""
        answer = await self.hub.get(f"/rounds/{self.round_id}/input.zip")
        assert answer.status_code == 200, answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    async def answer(self, run_id: str) -> list[Fact]:
        """What matching says of a run, in the order it says it: held, accepted, waiting, progress, chunks, solved."""
        shown = await self.shown(run_id)
        tables = {
            name.removesuffix(".csv"): content for name, content in (await self.files()).items() if ".csv" in name
        }
        policy = Policy.model_validate(shown["policy"])
        standing = None
        if shown["parent_run_id"]:
            query = "SELECT content FROM run_result WHERE run_id = $1::text::uuid AND name = 'allocations.csv'"
            standing = Standing((await self.fetch(query, shown["parent_run_id"]))[0]["content"], shown["mode"])
        task = Task(policy, tables, input_sha256(tables), standing=standing)
        made = perform(task, tell=lambda progress: None)
        assert isinstance(made, Result), made
        pieces = cut(made.parts)
        about = {"run_id": RunId(UUID(run_id)), "round_id": RoundId(UUID(self.round_id))}
        chunks = [
            ResultChunk(**about, part=piece.part, index=index, count=len(pieces), rows=piece.rows)
            for index, piece in enumerate(pieces)
        ]
        input_id = InputId(UUID(shown["input_id"]))
        summary = made.summary
        return [
            InputHeld(round_id=about["round_id"], input_id=input_id, input_sha256=summary.input_sha256),
            RunAccepted(**about),
            RunWaiting(**about, waiting_for="a solver process"),
            RunProgressed(**about, step="solve", seconds=0.1),
            *chunks,
            RunSolved(
                **about,
                **summary.model_dump(exclude={"levels"}),
                levels=summary.levels,
                input_id=input_id,
                result_sha256=result_sha256(made.parts["allocations"], made.parts["unplaced"]),
                chunks=len(pieces),
            ),
        ]

    def records(self, *facts: Fact, hub_id: UUID | None = None) -> list[Received]:
        """Facts as they come from Kafka."""
        return [_received(fact, HubId(hub_id or self.world.hub_id), place) for place, fact in enumerate(facts)]

    async def deliver(self, *facts: Fact) -> Outcome:
        """Hand facts to the registry's consumer."""
        return await self.deliver_records(self.records(*facts))

    async def deliver_records(self, records: Sequence[Received]) -> Outcome:
        """Hand records to the registry's consumer."""
        return await handle_batch(self.worker, handlers, records)

    async def take(self) -> None:
        """Let the worker take what is complete."""
        taken = True
        while taken:
            async with self.worker.transaction() as tx:
                taken = await take_next(tx) is not None

    async def tick(self) -> int:
        """Let the clock fire all that is due; gives how many."""
        clock = Clock(self.worker, due)
        fired = 0
        while await clock.fire_next():
            fired += 1
        return fired

    async def shown(self, run_id: str) -> dict[str, Any]:
        """A run as the API shows it."""
        return await self.ok(self.hub.get(f"/runs/{run_id}"))

    async def state(self) -> str:
        """The round's state."""
        return str((await self.ok(self.hub.get(f"/rounds/{self.round_id}")))["state"])

    async def facts(self, kind: str) -> list[dict[str, Any]]:
        """Data of the staged facts of a type, in order."""
        return [fact["data"] for fact in await self.world.staged() if fact["type"] == kind]

    async def fetch(self, query: str, *values: Any) -> list[Any]:
        """Rows past row-level security."""
        async with self.world.owner() as conn:
            return list(await conn.fetch(query, *values))

    async def execute(self, query: str, *values: Any) -> None:
        """A change past row-level security."""
        async with self.world.owner() as conn:
            await conn.execute(query, *values)

    @asynccontextmanager
    async def seen_by(self, role: str, **scope: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Raw SQL with the rights of the API's role, as row-level security has it for someone of the hub."""
        conn = await asyncpg.connect(self.world.database.url, server_settings={"role": "hub_registry_app"})
        try:
            async with conn.transaction():
                for name, value in {"hub_id": str(self.world.hub_id), "role": role, **scope}.items():
                    await conn.execute("SELECT set_config($1, $2, true)", f"hub.{name}", value)
                yield conn
        finally:
            await conn.close()

    @staticmethod
    async def ok(call: Any, status: int = 200) -> dict[str, Any]:
        """The answer of a call that must succeed."""
        answer: httpx.Response = await call
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


def _received(fact: Fact, hub_id: HubId, place: int) -> Received:
    envelope: Envelope[Any] = Envelope[Any].model_construct(
        id=new_id(),
        type=type(fact).__name__,
        version=fact.version,
        source="matching",
        time=datetime.now(UTC),
        hub_id=hub_id,
        subject=fact.subject,
        seq=place,
        correlation_id=new_id(),
        causation_id=None,
        data=fact,
    )
    return Received(
        topic=fact.topic,
        partition=0,
        offset=place,
        key=envelope.key,
        value=envelope.model_dump_json().encode(),
        headers=[],
        written_at=datetime.now(UTC),
        envelope=envelope,
        error=None,
    )
