"""``python -m hub_deploy.stack.prepare``: databases, login role and topics on servers that exist; safe to repeat."""

import asyncio
import ssl
from pathlib import Path
from typing import Annotated, Any

import typer

from hub_deploy.embedded import topics as topics_file
from hub_deploy.stack import databases


def main(
    *,
    owner_url: Annotated[str, typer.Option(envvar="HUB_OWNER_URL", help="PostgreSQL superuser's connection URL")],
    login_password: Annotated[str, typer.Option(envvar="HUB_LOGIN_PASSWORD", help="Of the services' login role")],
    kafka_bootstrap: Annotated[str, typer.Option(envvar="HUB_KAFKA_BOOTSTRAP", help="host:port")],
    topics: Annotated[Path, typer.Option(help="The topics file")] = topics_file.DEFAULT_FILE,
    replication_factor: Annotated[int, typer.Option(help="Copies of each partition")] = 1,
    kafka_security: Annotated[str, typer.Option(envvar="HUB_KAFKA_SECURITY", help="As the services'")] = "plaintext",
    kafka_mechanism: Annotated[str, typer.Option(envvar="HUB_KAFKA_MECHANISM")] = "SCRAM-SHA-512",
    kafka_username: Annotated[str | None, typer.Option(envvar="HUB_KAFKA_USERNAME")] = None,
    kafka_password: Annotated[str | None, typer.Option(envvar="HUB_KAFKA_PASSWORD")] = None,
    kafka_ca_file: Annotated[Path | None, typer.Option(envvar="HUB_KAFKA_CA_FILE")] = None,
) -> None:
    """Bring servers to what the services expect."""
    databases.prepare(owner_url, password=login_password)
    typer.echo(f"databases: {', '.join(map(databases.database_name, databases.SERVICES))}")
    wanted = topics_file.load(topics)
    client = client_options(
        kafka_security=kafka_security, kafka_mechanism=kafka_mechanism, kafka_username=kafka_username,
        kafka_password=kafka_password, kafka_ca_file=kafka_ca_file,
    )  # fmt: skip
    created = asyncio.run(
        topics_file.apply(kafka_bootstrap, wanted, replication_factor=replication_factor, client=client)
    )
    typer.echo(f"topics: {len(wanted)} in place, {len(created)} new")


def client_options(
    *,
    kafka_security: str,
    kafka_mechanism: str,
    kafka_username: str | None,
    kafka_password: str | None,
    kafka_ca_file: Path | None,
) -> dict[str, Any]:
    """The services' settings of the same names, as keyword arguments of aiokafka's clients."""
    return {
        "security_protocol": kafka_security.upper().replace("TLS", "SSL"),
        "ssl_context": ssl.create_default_context(cafile=kafka_ca_file) if kafka_security.endswith("tls") else None,
        "sasl_mechanism": kafka_mechanism,
        "sasl_plain_username": kafka_username,
        "sasl_plain_password": kafka_password,
    }


if __name__ == "__main__":
    typer.run(main)
