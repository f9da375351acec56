"""Migrations since the previous release only add: its services go on working beside this one's while an upgrade rolls.

Held against what that release really left behind. The rule is in ``deploy/decisions/2026-11-27-releases.md``.
"""

import asyncio
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from hub_chassis.migrations import upgrade
from hub_registry.settings import ROLES
from tests.support.databases import FreshDatabase
from tests.support.fixtures import MakeDatabase
from tests.support.releases.known import PREVIOUS
from tests.support.releases.restore import Left, insert_rows, restore_database

USES = {"registry": ROLES, "matching": ("app", "worker"), "notifier": ("app", "worker")}

_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default IS NOT NULL OR is_identity = 'YES' AS filled
      FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'
     ORDER BY table_name, column_name
"""
_RIGHTS = """
    SELECT table_name, grantee, privilege_type
      FROM information_schema.role_table_grants
     WHERE table_schema = 'public' AND grantee LIKE 'hub\\_%'
"""


@dataclass(frozen=True)
class Column:
    data_type: str
    nullable: bool
    filled: bool


Table = dict[str, Column]


def tables(url: str) -> dict[str, Table]:
    with psycopg.connect(url) as conn:
        found: dict[str, Table] = {}
        for table, column, data_type, nullable, filled in conn.execute(_COLUMNS).fetchall():
            found.setdefault(table, {})[column] = Column(data_type, nullable == "YES", filled)
    return found


def contents(url: str, columns: dict[str, Table]) -> dict[str, object]:
    """How many rows each table has, and a digest of these columns of them."""
    with psycopg.connect(url) as conn:
        return {
            table: conn.execute(
                sql.SQL(
                    "SELECT count(*), md5(string_agg(row::text, '|' ORDER BY row::text)) FROM (SELECT {} FROM {}) row"
                ).format(sql.SQL(", ").join(map(sql.Identifier, sorted(names))), sql.Identifier(table))
            ).fetchone()
            for table, names in columns.items()
        }


def rights(url: str) -> set[tuple[object, ...]]:
    with psycopg.connect(url) as conn:
        return set(conn.execute(_RIGHTS).fetchall())


def migrate(url: str, service: str) -> None:
    upgrade(url, package=f"hub_{service}", roles=USES[service])


async def restored(make_database: MakeDatabase, service: str) -> FreshDatabase:
    fresh = await make_database()
    await asyncio.to_thread(restore_database, Left.by(PREVIOUS), service, fresh.owner_url, moved=False)
    return fresh


@pytest.mark.parametrize("service", USES)
async def test_every_row_of_the_previous_release_stays_as_it_was(make_database: MakeDatabase, service: str) -> None:
    url = (await restored(make_database, service)).owner_url
    known = tables(url)
    before = contents(url, known)
    await asyncio.to_thread(migrate, url, service)
    assert contents(url, known) == before


@pytest.mark.parametrize("service", USES)
async def test_what_the_previous_release_reads_and_may_do_is_still_there(
    make_database: MakeDatabase, service: str
) -> None:
    url = (await restored(make_database, service)).owner_url
    before, may = tables(url), rights(url)
    await asyncio.to_thread(migrate, url, service)
    after = tables(url)
    for table, columns in before.items():
        for name, column in columns.items():
            assert after[table][name].data_type == column.data_type, f"{table}.{name}"
            assert after[table][name].nullable or not column.nullable, f"{table}.{name} must not become NOT NULL"
    assert may <= rights(url)


@pytest.mark.parametrize("service", USES)
async def test_what_the_previous_release_writes_is_still_taken(make_database: MakeDatabase, service: str) -> None:
    url = (await make_database()).owner_url
    await asyncio.to_thread(migrate, url, service)
    left = Left.by(PREVIOUS)
    await asyncio.to_thread(insert_rows, left, service, url)  # its own rows, by its own columns, checks and all
    with psycopg.connect(url) as conn:
        [(rows,)] = conn.execute("SELECT count(*) FROM outbox").fetchall()
    assert rows > 0


@pytest.mark.parametrize("service", USES)
async def test_release_starts_on_a_database_that_a_later_one_migrated(
    make_database: MakeDatabase, service: str
) -> None:
    url = (await make_database()).owner_url
    await asyncio.to_thread(migrate, url, service)
    with psycopg.connect(url) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    await asyncio.to_thread(migrate, url, service)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
