"""`hub token …`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from hub_registry.access.principal import Scope
from hub_registry.cli.session import all_hubs, command, show, show_rows
from hub_registry.cli.who import find_staff
from hub_registry.settings import Settings
from hub_registry.staff import repository, service

app = typer.Typer(no_args_is_help=True)


@app.command()
@command
async def create(
    staff: Annotated[str, typer.Option(help="The address (or id) of a member of staff.")],
    hub: Annotated[str | None, typer.Option(help="The hub's short name, where an address is in several.")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="Limit the token to this; may be repeated.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=730, help="Valid so long.")] = None,
) -> None:
    """Make a token and print it: the only time it can be seen."""
    settings = Settings.load()
    async with all_hubs() as tx:
        staff_id = await find_staff(tx, staff, hub=hub)
        made = await service.create_token(
            tx, staff_id, scopes=scope or [], days=days or settings.token_days, at=datetime.now(UTC)
        )
    facts = {"token_id": made.token_id, "staff_id": staff_id, "token": made.secret, "expires_at": made.expires_at}
    show(facts, _words(made))


@app.command()
@command
async def rotate(
    staff: Annotated[str, typer.Option(help="The address (or id) of a member of staff.")],
    hub: Annotated[str | None, typer.Option(help="The hub's short name, where an address is in several.")] = None,
    scope: Annotated[list[Scope] | None, typer.Option(help="Limit the new token to this; may be repeated.")] = None,
    hours: Annotated[float, typer.Option(min=0, max=720, help="The person's other tokens end after this.")] = 24,
) -> None:
    """Make a new token and let the person's other ones end a while later, so that programs can change over."""
    settings, at = Settings.load(), datetime.now(UTC)
    ends = at + timedelta(hours=hours)
    async with all_hubs() as tx:
        staff_id = await find_staff(tx, staff, hub=hub)
        made = await service.create_token(tx, staff_id, scopes=scope or [], days=settings.token_days, at=at)
        others = await repository.end_other_tokens(tx.conn, staff_id, made.token_id, at=ends)
    facts = {"token_id": made.token_id, "staff_id": staff_id, "token": made.secret, "expires_at": made.expires_at}
    facts |= {"others": others, "others_end": ends}
    older = {0: "no older one ends by it", 1: "1 older one ends"}.get(others, f"{others} older ones end")
    show(facts, f"{_words(made)}\n{older}" + (f" at {ends:%H:%M on %d %B %Y} (UTC)" if others else ""))


@app.command(name="list")
@command
async def list_tokens(
    staff: Annotated[str, typer.Option(help="The address (or id) of a member of staff.")],
    hub: Annotated[str | None, typer.Option(help="The hub's short name, where an address is in several.")] = None,
) -> None:
    """List a person's tokens, oldest first: which there are and until when, never the secrets."""
    async with all_hubs() as tx:
        rows = await repository.load_tokens(tx.conn, await find_staff(tx, staff, hub=hub))
    columns = ["token_id", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"]
    show_rows([_readable(row) for row in rows], columns=columns, title="Tokens")


@app.command()
@command
async def revoke(
    token_id: Annotated[UUID, typer.Argument(help="The token's id.")],
    staff: Annotated[str, typer.Option(help="The address (or id) of a member of staff.")],
    hub: Annotated[str | None, typer.Option(help="The hub's short name, where an address is in several.")] = None,
) -> None:
    """Make a token useless from now on."""
    async with all_hubs() as tx:
        await repository.revoke_token(tx.conn, await find_staff(tx, staff, hub=hub), token_id, at=datetime.now(UTC))
    show({"token_id": token_id, "revoked": True}, "The token is revoked.")


def _words(made: service.NewToken) -> str:
    until = f"{made.expires_at:%d %B %Y}"
    return f"{made.secret}\nvalid until {until}; it can't be shown again. Its id: {made.token_id}"


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Moments without their microseconds, scopes as words; none: whatever the person may."""
    moments = {key: f"{value:%Y-%m-%d %H:%M} UTC" for key, value in row.items() if isinstance(value, datetime)}
    return {**row, **moments, "scopes": " ".join(row["scopes"]) or "all"}
