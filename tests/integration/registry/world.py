"""Who and what the tests of the registry talk to: the real app over ASGI, real PostgreSQL below it."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from hub_chassis.database import prepare
from hub_registry.access.secrets import fingerprint, new_secret
from hub_schemas.ids import new_id
from tests.support.databases import FreshDatabase

SCHOOL_A = "104715"
SCHOOL_B = "148792"

STUDENT = {
    "upn": "K999599916001",
    "mis_id": "1001",
    "first_name": "Erin",
    "last_name": "Lunt",
    "date_of_birth": "2011-11-03",
    "year_group": "10",
    "gender": "F",
    "home_postcode": "L13 3BA",
    "email": "1001@school.example",
    "free_school_meals": "no",
    "send_status": "N",
    "access_needs": "",
    "travel_modes": "walk;public_transport",
    "max_travel_minutes": "",
    "available": "",
    "interests": "Digital and media",
    "past_sectors": "",
    "excluded_employers": "",
    "companion_mis_id": "",
    "consent": "yes",
}
EMPLOYER = {
    "employer_ref": "E-TERN",
    "name": "Tern Tide Games Studio (invented)",
    "sector": "Digital and media",
    "postcode": "L1 8JX",
    "contact_name": "Priya Sharma",
    "contact_email": "placements@tern-tide.example",
    "insurance_valid_until": "2037-12-31",
    "risk_band": "low",
    "max_at_once": "",
}
SLOT = {
    "slot_ref": "S-GAMES",
    "employer_ref": "E-TERN",
    "title": "A week making games",
    "sector": "Digital and media",
    "kind": "placement",
    "mode": "in_person",
    "postcode": "L1 8JX",
    "dates": "2027-06-28/2027-07-02",
    "capacity": "4",
    "min_group": "",
    "max_per_school": "",
    "single_school": "",
    "min_age": "",
    "year_groups": "10;11",
    "access_provided": "step_free",
    "reserved": "1",
}
PROGRAMME = {
    "name": "Work experience, summer 2027",
    "school_year": "2026/27",
    "first_date": "2027-06-01",
    "last_date": "2027-07-31",
    "year_groups": [10, 11],
    "default_max_travel_minutes": 60,
}


def student(mis_id: str, **other: str) -> dict[str, str]:
    """A row of a school's file; the UPN follows from the MIS id."""
    return {**STUDENT, "mis_id": mis_id, "upn": f"K99959991{mis_id[-4:]}", **other}


def csv_of(*rows: Mapping[str, str], header: Sequence[str] | None = None) -> bytes:
    """Write rows as a file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(rows[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def problem_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Give the problem of an answer that must be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    return problem


def found(answer: httpx.Response) -> list[tuple[int | None, str | None, str]]:
    """Give row, column and kind of each error of a refused file."""
    problem = problem_of(answer, 422)
    return [(one.get("row"), one.get("column"), one["code"]) for one in problem["errors"]]


@dataclass
class World:
    """A hub, its coordinator ``hub``, and callers made on the way."""

    app: FastAPI
    database: FreshDatabase
    stack: AsyncExitStack
    hub_id: UUID = field(default_factory=new_id)
    hub: httpx.AsyncClient = field(init=False)

    @classmethod
    @asynccontextmanager
    async def of(cls, app: FastAPI, database: FreshDatabase) -> AsyncIterator["World"]:
        async with AsyncExitStack() as stack:
            world = cls(app, database, stack)
            async with world.owner() as conn:
                await conn.execute(
                    "INSERT INTO hub (hub_id, slug, name) VALUES ($1, $2, 'A hub')", world.hub_id, "a-hub"
                )
            world.hub = await world.staff("hub")
            yield world

    @asynccontextmanager
    async def owner(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Look past row-level security."""
        conn = await asyncpg.connect(self.database.owner_url)
        await prepare(conn)
        try:
            yield conn
        finally:
            await conn.close()

    @asynccontextmanager
    async def as_role(self, group: str, /, **scope: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Run raw SQL as the service's own role, inside a transaction with a scope; rolled back."""
        conn = await asyncpg.connect(self.database.url, server_settings={"role": group})
        try:
            transaction = conn.transaction()
            await transaction.start()
            for name, value in scope.items():
                await conn.execute("SELECT set_config($1, $2, true)", f"hub.{name}", value)
            yield conn
            await transaction.rollback()
        finally:
            await conn.close()

    async def token(
        self,
        role: str,
        *,
        school_id: str | None = None,
        employer_id: str | None = None,
        hub_id: UUID | None = None,
        scopes: Sequence[str] = (),
        valid: timedelta = timedelta(days=1),
    ) -> str:
        """Make a member of staff with a token, past the API."""
        staff_id, secret, hub = new_id(), new_secret(), hub_id or self.hub_id
        async with self.owner() as conn:
            await conn.execute(
                "INSERT INTO staff (staff_id, hub_id, role, name, email, school_id, employer_id) "
                "VALUES ($1, $2, $3, 'Someone', $4, $5, $6)",
                staff_id,
                hub,
                role,
                f"{staff_id}@staff.example",
                school_id,
                UUID(employer_id) if employer_id else None,
            )
            await conn.execute(
                "INSERT INTO token (token_id, staff_id, hub_id, secret_sha256, scopes, expires_at) "
                "VALUES ($1, $2, $3, $4, $5, $6)",
                new_id(),
                staff_id,
                hub,
                fingerprint(secret),
                list(scopes),
                datetime.now(UTC) + valid,
            )
        return secret

    async def client(self, token: str | None) -> httpx.AsyncClient:
        """Call the app with a token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://registry/api/v1", headers=headers)
        return await self.stack.enter_async_context(client)

    async def staff(self, role: str, **how: Any) -> httpx.AsyncClient:
        """Call the app as a new member of staff."""
        return await self.client(await self.token(role, **how))

    async def with_schools(self) -> None:
        """Let two schools join."""
        rows = [
            {"URN": urn, "EstablishmentName": f"School {urn}", "Postcode": "L13 5UQ"} for urn in (SCHOOL_A, SCHOOL_B)
        ]
        await self.upload(self.hub, "/schools/import", csv_of(*rows))

    async def with_slots(self) -> tuple[str, str]:
        """Register an employer with a slot; gives the programme's and the employer's id."""
        programme = (await self.hub.post("/programmes", json=PROGRAMME)).json()["programme_id"]
        await self.upload(self.hub, "/employers/import", csv_of(EMPLOYER))
        await self.upload(self.hub, f"/programmes/{programme}/slots/import", csv_of(SLOT))
        employer = (await self.hub.get("/employers")).json()["items"][0]["employer_id"]
        return programme, employer

    @staticmethod
    async def upload(client: httpx.AsyncClient, path: str, content: bytes, **params: Any) -> dict[str, Any]:
        """Upload a file that must be taken; gives the receipt."""
        answer = await client.post(path, content=content, params=params, headers={"Content-Type": "text/csv"})
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    @staticmethod
    async def send(client: httpx.AsyncClient, path: str, content: bytes, **params: Any) -> httpx.Response:
        """Upload a file that may be refused."""
        return await client.post(path, content=content, params=params, headers={"Content-Type": "text/csv"})

    async def count(self, table: str) -> int:
        """Count a table's rows, past row-level security."""
        async with self.owner() as conn:
            rows: int = await conn.fetchval(f"SELECT count(*) FROM {table}")
        return rows

    async def staged(self) -> list[dict[str, Any]]:
        """Read the facts in the outbox, in order."""
        async with self.owner() as conn:
            rows = await conn.fetch("SELECT convert_from(payload, 'UTF8')::jsonb AS fact FROM outbox ORDER BY id")
        return [row["fact"] for row in rows]
