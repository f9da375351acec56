"""What every command needs: settings, a scoped transaction, and one way to print."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, ParamSpec

import typer
from rich.console import Console
from rich.table import Table

from hub_chassis.database import Database
from hub_chassis.errors import ChassisError, SettingsRefused
from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Role
from hub_registry.errors import Invalid, RegistryError
from hub_registry.hubs.repository import find_hub
from hub_registry.settings import APP_ROLE, IMPORT_ROLE, WORKER_ROLE, Settings

P = ParamSpec("P")
OUT = Console()
ERR = Console(stderr=True)
_ENDLESS = 100_000


class Output:
    """How to print: for people, or JSON for programs (``hub --json …``)."""

    as_json = False


def show(facts: Mapping[str, Any], words: str) -> None:
    """Print one result: its facts as JSON, or a sentence."""
    if Output.as_json:
        sys.stdout.write(json.dumps(facts, default=str) + "\n")
    else:
        OUT.print(words, highlight=False, soft_wrap=True)


def show_rows(rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str], title: str) -> None:
    """Print a list: as JSON, or as a table."""
    if Output.as_json:
        sys.stdout.write(json.dumps({"items": [dict(row) for row in rows]}, default=str) + "\n")
        return
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if row[column] is None else str(row[column]) for column in columns))
    # A file or a pipe has no edge to cut at: as wide as what is in it.
    (OUT if OUT.is_terminal else Console(width=_ENDLESS)).print(table)


def command(run: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an asynchronous command; a refusal is printed on standard error and ends with status 1."""

    @wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            asyncio.run(run(*args, **kwargs))
        except (RegistryError, ChassisError) as refused:
            _complain(refused)
            raise typer.Exit(1) from None

    return wrapped


def _complain(refused: RegistryError | ChassisError) -> None:
    findings = refused.findings if isinstance(refused, Invalid) else ()
    reasons = refused.reasons if isinstance(refused, SettingsRefused) else [str(refused)]
    if Output.as_json:
        errors = [{"row": one.row, "column": one.column or one.field, "message": one.message} for one in findings]
        sys.stderr.write(json.dumps({"error": "; ".join(reasons), "errors": errors}) + "\n")
        return
    for reason in reasons:
        ERR.print(f"[red]refused:[/red] {reason}", highlight=False, soft_wrap=True)
    for one in findings:
        place = ", ".join(part for part in (one.row and f"row {one.row}", one.column or one.field) if part)
        ERR.print(f"  {place}: {one.message}", highlight=False, markup=False, soft_wrap=True)


@asynccontextmanager
async def all_hubs() -> AsyncIterator[Transaction]:
    """Open a transaction that sees every hub."""
    async with Database.open(Settings.load(), role=WORKER_ROLE) as database, database.transaction() as tx:
        yield tx


@asynccontextmanager
async def one_hub(slug: str, *, importing: bool = False) -> AsyncIterator[Transaction]:
    """Open a transaction as a coordinator of one hub; raises HubNotKnown."""
    settings = Settings.load()
    async with Database.open(settings, role=WORKER_ROLE) as database, database.transaction() as tx:
        hub_id = await find_hub(tx.conn, slug)
    scope = {"hub.role": Role.HUB.value}
    role = IMPORT_ROLE if importing else APP_ROLE
    async with Database.open(settings, role=role) as database, database.transaction(hub_id=hub_id, scope=scope) as tx:
        yield tx
