"""A service's schema: plain SQL revisions under ``<package>/migrations/versions``, run by Alembic as the owner.

A first revision is about ten lines::

    from hub_chassis.migrations import chassis_tables, grant, sql

    revision = "0001"
    down_revision = None


    def upgrade() -> None:
        chassis_tables()
        sql("CREATE TABLE thing (…)")
        grant("SELECT, INSERT, UPDATE", on="thing", to=("app", "worker"))

Revisions are numbered with four digits. Neighbouring releases run side by side, so a revision only adds, or drops what
the release before no longer reads. One that drops says ``oldest_head = "0021"``: the newest revision of the oldest
release that can do without. What comes before refuses to start on such a database (``SchemaContracted``).
"""

import importlib.resources
from collections.abc import Sequence
from importlib.resources.abc import Traversable

import psycopg
import sqlalchemy
import sqlalchemy.exc
from alembic import command, context, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql as compose

from hub_chassis.errors import SchemaContracted

Away = sqlalchemy.exc.OperationalError
"""Raised by ``upgrade`` when PostgreSQL can't be reached."""

_LOCK = 4_821_700_001
"""Advisory lock, per database: two starting replicas must not migrate at once."""

_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_READ_OLDEST = "SELECT obj_description(to_regclass('public.alembic_version'), 'pg_class')"
_NOTE_OLDEST = "COMMENT ON TABLE alembic_version IS {}"
_OLDEST = "oldest head: "
_MEMBER = "SELECT pg_has_role(%s, %s, 'SET')"


def role_name(package: str, use: str) -> str:
    """Name the group role of a package's service: ("hub_registry", "app") -> "hub_registry_app"."""
    return f"{package.rpartition('.')[2]}_{use}"


def upgrade(owner_url: str, *, package: str, login: str = "hub", roles: Sequence[str] = ("app", "worker")) -> None:
    """Bring the database to the package's newest revision; safe when several replicas start together.

    Makes the group roles ``<package>_<use>`` and lets the login role take them on (but not inherit them). The
    database and the login role must exist. A database that a later release migrated is left as it is, and worked on
    only if that release dropped nothing that this one reads. Blocks: call it in a thread from a running loop.

    Raises:
        sqlalchemy.exc.OperationalError: PostgreSQL can't be reached.
        SchemaContracted: a later release dropped what this one still reads.
    """
    url = sqlalchemy.make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as conn:
        conn.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        conn.commit()
        _roles(_driver(conn), package=package, login=login, uses=roles)
        conn.commit()
        with importlib.resources.as_file(importlib.resources.files(package) / "migrations" / "versions") as versions:
            config = Config()
            config.set_main_option("path_separator", "os")
            config.set_main_option("script_location", str(_here() / "alembic"))
            config.set_main_option("version_locations", str(versions).replace("%", "%%"))
            config.attributes.update(connection=conn, package=package, roles=tuple(roles))
            if not _is_ahead(conn, config):
                command.upgrade(config, "head")
                _note_oldest_head(conn, config)
        conn.commit()


def _is_ahead(conn: sqlalchemy.Connection, config: Config) -> bool:
    """Whether a later release migrated the database already; raises SchemaContracted when this one can't work on it.

    So a replica may be started again while an upgrade rolls, and a release may go back to the one before.
    """
    head = ScriptDirectory.from_config(config).get_current_head()
    current = MigrationContext.configure(conn).get_current_revision()
    if head is None or current is None or current <= head:
        return False
    noted = str(conn.exec_driver_sql(_READ_OLDEST).scalar() or "")
    oldest = noted.removeprefix(_OLDEST)
    if oldest != noted and oldest > head:
        raise SchemaContracted(current=current, oldest=oldest, head=head)
    return True


def _note_oldest_head(conn: sqlalchemy.Connection, config: Config) -> None:
    """Leave word in the database of which releases can still work on it, for those that do not know its revisions."""
    revisions = ScriptDirectory.from_config(config).walk_revisions()
    oldest = max((getattr(one.module, "oldest_head", "") for one in revisions), default="")
    if oldest:
        note = compose.SQL(_NOTE_OLDEST).format(compose.Literal(_OLDEST + oldest))
        conn.exec_driver_sql(note.as_string(_driver(conn)))


def sql(text: str) -> None:
    """Run plain SQL, one or more statements; nothing in it is taken for a parameter."""
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(text)


def chassis_tables() -> None:
    """Create the tables of the plumbing and give the roles what they need: first thing in a first revision."""
    sql((_here() / "tables.sql").read_text())
    for use in _attribute("roles"):
        _grant("SELECT, INSERT, UPDATE, DELETE", on="due", use=use)
        _grant("INSERT", on="outbox", use=use)
        if use == "worker":
            for table in ("outbox", "inbox", "passed_seq", "dead_letter", "parked_key"):
                _grant("SELECT, INSERT, UPDATE, DELETE", on=table, use=use)


def grant(rights: str, *, on: str, to: Sequence[str]) -> None:
    """Give rights on one table to uses ("app", "worker", …); identity columns need no more."""
    for use in to:
        _grant(rights, on=on, use=use)


def _grant(rights: str, *, on: str, use: str) -> None:
    role = role_name(_attribute("package"), use)
    listed = compose.SQL(", ").join(compose.SQL(right.strip()) for right in rights.split(","))
    statement = compose.SQL("GRANT {} ON {} TO {}").format(listed, compose.Identifier(on), compose.Identifier(role))
    _driver(op.get_bind()).execute(statement)


def _roles(conn: "psycopg.Connection[tuple[object, ...]]", *, package: str, login: str, uses: Sequence[str]) -> None:
    for use in uses:
        role = role_name(package, use)
        conn.execute(compose.SQL(_ROLE).format(role=compose.Identifier(role)))
        names = {"role": compose.Identifier(role), "login": compose.Identifier(login)}
        member = conn.execute(_MEMBER, (login, role)).fetchone()
        if not (member and member[0]):
            conn.execute(compose.SQL("GRANT {role} TO {login} WITH INHERIT FALSE, SET TRUE").format(**names))
        conn.execute(compose.SQL("GRANT USAGE ON SCHEMA public TO {role}").format(**names))


def _driver(conn: sqlalchemy.Connection) -> "psycopg.Connection[tuple[object, ...]]":
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 -- the engine was made for psycopg
    return driver


def _attribute(name: str):  # type: ignore[no-untyped-def]
    return context.config.attributes[name]


def _here() -> Traversable:
    return importlib.resources.files("hub_chassis")
