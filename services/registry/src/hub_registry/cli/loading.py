"""`hub schools load` and `hub postcodes load`: reference files without a token."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from hub_registry.cli.session import command, one_hub, show
from hub_registry.imports import Receipt, Received
from hub_registry.postcodes.service import import_postcodes
from hub_registry.schools.service import import_schools

schools = typer.Typer(no_args_is_help=True)
postcodes = typer.Typer(no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file.")]
Hub = Annotated[str, typer.Option("--hub", help="The hub's short name.")]
Preview = Annotated[bool, typer.Option(help="Only say what would change.")]


@schools.callback()
def schools_about() -> None:
    """Schools of the national register."""


@postcodes.callback()
def postcodes_about() -> None:
    """Where postcodes lie."""


@schools.command(name="load")
@command
async def load_schools(file: File, hub: Hub, preview: Preview = False) -> None:
    """Load schools in the national register's own columns."""
    async with one_hub(hub, importing=True) as tx:
        _print(await import_schools(tx, _received(file), by=None, preview=preview))


@postcodes.command(name="load")
@command
async def load_postcodes(file: File, hub: Hub, preview: Preview = False) -> None:
    """Load where postcodes lie: postcode, lat, lon."""
    async with one_hub(hub, importing=True) as tx:
        _print(await import_postcodes(tx, _received(file), by=None, preview=preview))


def _received(file: Path) -> Received:
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return Received(file=file.open("rb"), sha256=sha256, size_bytes=file.stat().st_size)


def _print(receipt: Receipt) -> None:
    words = f"{receipt.rows} rows: {receipt.created} new, {receipt.updated} changed, {receipt.unchanged} the same"
    show(receipt.model_dump(mode="json"), "\n".join([words, *receipt.notices]))
