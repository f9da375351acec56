"""`hub staff …`."""

from typing import Annotated
from uuid import UUID

import typer

from hub_registry.access.principal import Role
from hub_registry.cli.session import command, one_hub, show, show_rows
from hub_registry.staff import repository, service

app = typer.Typer(no_args_is_help=True)
Hub = Annotated[str, typer.Option("--hub", help="The hub's short name.")]


@app.command()
@command
async def add(
    *,
    hub: Hub,
    role: Annotated[Role, typer.Option(help="What they come to do.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    email: Annotated[str, typer.Option(help="Their address.")],
    school: Annotated[str | None, typer.Option(help="URN: an adviser's school.")] = None,
    employer: Annotated[UUID | None, typer.Option(help="Id: the employer of a role employer.")] = None,
) -> None:
    """Add a member of staff."""
    async with one_hub(hub) as tx:
        person = await service.add_staff(tx, role=role, name=name, email=email, school_id=school, employer_id=employer)
    facts = {key: person[key] for key in ("staff_id", "hub_id", "role", "name", "email", "school_id", "employer_id")}
    show(facts, f"{name} has the role [b]{role.value}[/b]: {person['staff_id']}")


@app.command(name="list")
@command
async def list_staff(hub: Hub) -> None:
    """List a hub's staff."""
    async with one_hub(hub) as tx:
        rows = await repository.load_page(tx.conn, after=UUID(int=0), limit=100_000)
    show_rows(rows, columns=["role", "name", "email", "school_id", "employer_id", "active", "staff_id"], title="Staff")
