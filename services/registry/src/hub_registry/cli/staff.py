"""`hub staff …`."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from hub_registry.access.principal import Role
from hub_registry.cli.session import all_hubs, command, one_hub, show, show_rows
from hub_registry.cli.who import find_staff
from hub_registry.invitations import service as invitations
from hub_registry.settings import Settings
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


@app.command()
@command
async def invite(
    staff: Annotated[str, typer.Option(help="The address (or id) of a member of staff.")],
    hub: Annotated[str | None, typer.Option(help="The hub's short name, where an address is in several.")] = None,
    new_codes: Annotated[bool, typer.Option(help="Their one-time codes are lost: they set up new ones.")] = False,
) -> None:
    """Make a link by which somebody chooses a password, and print it: the only time it can be seen."""
    settings = Settings.load()
    async with all_hubs() as tx:
        staff_id = await find_staff(tx, staff, hub=hub)
        lasts = timedelta(days=settings.invitation_days)
        made = await invitations.invite(tx, staff_id, by=None, resets_codes=new_codes, lasts=lasts)
    link = made.link(settings.public_url)
    facts = {"staff_id": staff_id, "link": link, "expires_at": made.expires_at}
    show(facts, f"{link}\ngood once, until {made.expires_at:%d %B %Y %H:%M} UTC; it can't be shown again")


@app.command(name="list")
@command
async def list_staff(hub: Hub) -> None:
    """List a hub's staff."""
    async with one_hub(hub) as tx:
        rows = await repository.load_page(tx.conn, after=UUID(int=0), limit=100_000)
    show_rows(rows, columns=["role", "name", "email", "school_id", "employer_id", "active", "staff_id"], title="Staff")
