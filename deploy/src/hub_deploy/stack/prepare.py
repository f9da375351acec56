"""``python -m hub_deploy.stack.prepare``: databases, login role and topics on servers that exist; safe to repeat."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub_deploy.embedded import topics as topics_file
from hub_deploy.stack import databases


def main(
    owner_url: Annotated[str, typer.Option(envvar="HUB_OWNER_URL", help="PostgreSQL superuser's connection URL")],
    login_password: Annotated[str, typer.Option(envvar="HUB_LOGIN_PASSWORD", help="Of the services' login role")],
    kafka_bootstrap: Annotated[str, typer.Option(envvar="HUB_KAFKA_BOOTSTRAP", help="host:port")],
    topics: Annotated[Path, typer.Option(help="The topics file")] = topics_file.DEFAULT_FILE,
    replication_factor: Annotated[int, typer.Option(help="Copies of each partition")] = 1,
) -> None:
    """Bring servers to what the services expect."""
    databases.prepare(owner_url, password=login_password)
    typer.echo(f"databases: {', '.join(map(databases.database_name, databases.SERVICES))}")
    wanted = topics_file.load(topics)
    created = asyncio.run(topics_file.apply(kafka_bootstrap, wanted, replication_factor=replication_factor))
    typer.echo(f"topics: {len(wanted)} in place, {len(created)} new")


if __name__ == "__main__":
    typer.run(main)
