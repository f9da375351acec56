"""The yardstick for requests: FastAPI alone, on the same uvicorn with the same settings, as little as there can be.

``python -m tests.bench.bare_app PORT DATABASE_URL``
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

POOL = 8
"""As the services' pools have by default."""

_TABLE = "CREATE TABLE IF NOT EXISTS bare (number bigint PRIMARY KEY, name text NOT NULL)"
_FIRST = "INSERT INTO bare (number, name) VALUES (0, 'one') ON CONFLICT DO NOTHING"
_READ = "SELECT number, name FROM bare WHERE number = $1"
_WRITE = "INSERT INTO bare (number, name) VALUES ($1, $2)"
_PAGE = "<!doctype html><html lang=en><title>Bare</title><body><h1>Bare</h1>" + "<p>Nothing else.</p>" * 60


class Row(BaseModel):
    """What is written and read."""

    number: int
    name: str


def build(database_url: str) -> FastAPI:
    """Three addresses: a page, one statement that reads, one transaction that writes."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, min_size=1, max_size=POOL) as app.state.pool:
            await app.state.pool.execute(_TABLE)
            await app.state.pool.execute(_FIRST)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/page", response_class=HTMLResponse)
    async def page() -> str:
        return _PAGE

    @app.get("/row", response_model=Row)
    async def read(request: Request) -> Any:
        return dict(await request.app.state.pool.fetchrow(_READ, 0))

    @app.post("/row", response_model=Row)
    async def write(request: Request, row: Row) -> Row:
        await request.app.state.pool.execute(_WRITE, row.number, row.name)
        return row

    return app


def main() -> None:
    """Serve until told to stop."""
    port, database_url = int(sys.argv[1]), sys.argv[2]
    config = uvicorn.Config(build(database_url), port=port, log_config=None, access_log=False)
    asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
