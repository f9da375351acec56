"""What a database administrator prepares once: a login role without special rights, and a database a service."""

import psycopg
from psycopg import sql

LOGIN = "hub"
SERVICES = ("registry", "matching", "notifier")

_LOGIN_ROLE = "CREATE ROLE {login} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {password}"


def database_name(service: str) -> str:
    """The database a service owns, e.g. hub_registry."""
    return f"hub_{service}"


def prepare(owner_url: str, *, password: str) -> None:
    """Create the login role (or set its password) and each service's database; repeating it changes nothing.

    Args:
        owner_url: a superuser's connection URL.
        password: of the login role.
    """
    with psycopg.connect(owner_url, autocommit=True) as conn:
        names = {"login": sql.Identifier(LOGIN), "password": sql.Literal(password)}
        if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (LOGIN,)).fetchone():
            conn.execute(sql.SQL("ALTER ROLE {login} PASSWORD {password}").format(**names))
        else:
            conn.execute(sql.SQL(_LOGIN_ROLE).format(**names))
        for service in SERVICES:
            name = database_name(service)
            if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
