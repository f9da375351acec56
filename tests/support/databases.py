"""A fresh database for a test: copied from a template that was migrated once, dropped afterwards."""

import asyncio
import contextlib
import inspect
import os
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg

from tests.support.servers import PostgresServer

LOGIN = "hub"
PASSWORD = "hub-tests"  # noqa: S105 - of a server that lives as long as the tests


@dataclass(frozen=True)
class FreshDatabase:
    """A database of its own for one test."""

    name: str
    owner_url: str
    """The superuser's: migrations, and looking past row-level security."""
    url: str
    """The login role ``hub``'s: no superuser, bound by row-level security."""


Build = Callable[[FreshDatabase], Awaitable[None] | None]
"""Fills a template database, say by running a service's migrations; a plain function runs in a thread."""


@dataclass
class Databases:
    """Makes databases on one server and drops them."""

    server: PostgresServer
    _templates: dict[str, str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    async def make(self, template: str | None = None, build: Build | None = None) -> FreshDatabase:
        """Make a database: empty, or a copy of the template that ``build`` fills the first time it is asked for.

        Args:
            template: names the template within this process's run, say "registry".
            build: fills the template; needed with it.
        """
        if template is None or build is None:
            fresh = await self._create("template0")
        else:
            if template not in self._templates:
                original = await self._create("template0", keep=True)
                built = await asyncio.to_thread(build, original)
                if inspect.isawaitable(built):
                    await built
                self._templates[template] = original.name
            fresh = await self._create(self._templates[template])
        self._made.append(fresh.name)
        return fresh

    async def drop_made(self) -> None:
        """Drop what was made since the last call, templates excepted, cutting any connection left."""
        made, self._made = self._made, []
        await self._drop(made)

    async def drop_templates(self) -> None:
        """Drop the templates."""
        names = list(self._templates.values())
        self._templates.clear()
        await self._drop(names)

    async def _create(self, template: str, *, keep: bool = False) -> FreshDatabase:
        name = f"test_{'template_' if keep else ''}{os.getpid()}_{uuid.uuid4().hex[:10]}"
        conn = await asyncpg.connect(self.server.url, timeout=30)
        try:
            await _ensure_login(conn)
            await _copy(conn, name, template)
        finally:
            await conn.close()
        return FreshDatabase(
            name=name,
            owner_url=self.server.url_for(name),
            url=self.server.url_for(name, user=LOGIN, password=PASSWORD),
        )

    async def _drop(self, names: list[str]) -> None:
        if names:
            conn = await asyncpg.connect(self.server.url, timeout=30)
            try:
                for name in names:
                    await conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            finally:
                await conn.close()


async def _ensure_login(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    if await conn.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", LOGIN) is None:
        with contextlib.suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):  # another worker's
            await conn.execute(f"CREATE ROLE {LOGIN} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOBYPASSRLS")


async def _copy(conn: "asyncpg.Connection[asyncpg.Record]", name: str, template: str) -> None:
    for attempt in range(50):
        try:
            await conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
            return
        except asyncpg.ObjectInUseError:  # the builder's last session is still going away
            if attempt == 49:
                raise
            await asyncio.sleep(0.1)
