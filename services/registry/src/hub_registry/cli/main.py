"""The `hub` command: makes the first hub, its staff and tokens, loads reference files, migrates the database.

It talks to the database itself (HUB_DATABASE_URL), for whoever runs the installation; everything else goes through
the API.
"""

import asyncio
from importlib.metadata import version
from typing import Annotated

import typer

from hub_chassis.errors import SettingsRefused
from hub_chassis.migrations import upgrade
from hub_registry.cli import installation, loading, staff, tokens
from hub_registry.cli.session import Output, all_hubs, command, show, show_rows
from hub_registry.hubs import repository, service
from hub_registry.settings import ROLES, Settings

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Run a Placement Hub installation.")
app.add_typer(staff.app, name="staff", help="Staff of a hub, its schools and its employers.")
app.add_typer(tokens.app, name="token", help="API tokens.")
app.add_typer(loading.schools, name="schools", help="Schools of the national register.")
app.add_typer(loading.postcodes, name="postcodes", help="Where postcodes lie.")

app.command(name="check")(installation.check_all)
app.command(name="bundle")(installation.bundle)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(version("hub-registry"))
        raise typer.Exit


@app.callback()
def options(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the product's version.")
    ] = False,
) -> None:
    """Run a Placement Hub installation."""
    Output.as_json = as_json


@app.command()
@command
async def create(
    name: Annotated[str, typer.Argument(help="The hub's full name.")],
    slug: Annotated[str, typer.Option(help="Short name: small letters, digits, hyphens.")],
) -> None:
    """Create a hub."""
    async with all_hubs() as tx:
        hub_id = await service.create_hub(tx, slug=slug, name=name)
    show({"hub_id": hub_id, "slug": slug, "name": name}, f"Hub [b]{slug}[/b] is there: {hub_id}")


@app.command(name="list")
@command
async def list_hubs() -> None:
    """List the hubs."""
    async with all_hubs() as tx:
        rows = await repository.load_hubs(tx.conn)
    show_rows(rows, columns=["slug", "name", "hub_id", "notices_held"], title="Hubs")


@app.command()
@command
async def migrate() -> None:
    """Bring the database to the newest revision (needs HUB_DATABASE_OWNER_URL)."""
    settings = Settings.load()
    if settings.database_owner_url is None:
        raise SettingsRefused(["HUB_DATABASE_OWNER_URL: set it to the owner of the database to migrate"])
    await asyncio.to_thread(upgrade, settings.database_owner_url, package="hub_registry", roles=ROLES)
    show({"migrated": True}, "The database is at the newest revision.")


if __name__ == "__main__":
    app()
