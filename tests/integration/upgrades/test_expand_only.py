"""Migrations since the previous release only add: its services go on working beside this one's while an upgrade rolls.

Held against what that release really left behind. The rule is in ``deploy/decisions/2026-11-27-releases.md``.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hub_chassis.errors import SchemaContracted
from hub_chassis.migrations import upgrade
from hub_registry.settings import ROLES
from tests.support.databases import FreshDatabase
from tests.support.fixtures import MakeDatabase
from tests.support.releases.known import PREVIOUS
from tests.support.releases.promises import HINDERING, KEPT, Promise, read
from tests.support.releases.restore import Left, insert_rows, restore_database

USES = {"registry": ROLES, "matching": ("app", "worker"), "notifier": ("app", "worker")}

_COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default IS NOT NULL OR is_identity = 'YES' AS filled
      FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'
     ORDER BY table_name, column_name
"""
HAS_NONE = {
    "matching": {"policies"},
    "notifier": {"policies", "functions"},
}
"""Kinds of promises that a service's database has none of: row-level security is the registry's."""

MAY_GO: dict[str, dict[Promise, str]] = {}
"""Service -> what is no longer there -> why the previous release does without it."""

MAY_COME: dict[str, dict[Promise, str]] = {
    "registry": {
        ("run", "FOREIGN KEY (parent_run_id) REFERENCES run(run_id)"): "a column that 0.1.0 leaves empty",
        ("employer", "FOREIGN KEY (merged_into) REFERENCES employer(employer_id)"): "a column that 0.1.0 leaves empty",
        ("student", "move_goes"): "deletes a student's rows in a table of 0.2.0; refuses nothing",
    },
}
"""Service -> what is new on a table that the previous release writes to -> why it hinders none of its writes."""


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
    before, may = tables(url), read(url, KEPT)
    await asyncio.to_thread(migrate, url, service)
    after, still = tables(url), read(url, KEPT)
    assert before
    for table, columns in before.items():
        for name, column in columns.items():
            assert after[table][name].data_type == column.data_type, f"{table}.{name}"
            assert after[table][name].nullable or not column.nullable, f"{table}.{name} must not become NOT NULL"
    assert {kind for kind, promises in may.items() if not promises} == HAS_NONE.get(service, set())
    gone = {promise for kind, promises in may.items() for promise in promises - still[kind]}
    assert gone == MAY_GO.get(service, {}).keys()


@pytest.mark.parametrize("service", USES)
async def test_nothing_new_on_a_table_of_the_previous_release_refuses_what_it_writes(
    make_database: MakeDatabase, service: str
) -> None:
    url = (await restored(make_database, service)).owner_url
    old, before = tables(url).keys(), read(url, HINDERING)
    await asyncio.to_thread(migrate, url, service)
    after = read(url, HINDERING)
    assert before["unique indexes"]
    new = {hindrance for kind, found in after.items() for hindrance in found - before[kind] if hindrance[0] in old}
    assert new == MAY_COME.get(service, {}).keys()


@pytest.mark.parametrize(
    ("change", "kinds", "lost"),
    [
        ("REVOKE INSERT ON preference FROM hub_registry_app", KEPT, {"rights on tables", "rights on columns"}),
        ("DROP POLICY hub_own ON hub", KEPT, {"policies"}),
        ("ALTER POLICY hub_own ON hub USING (false)", KEPT, {"policies"}),
        ("REVOKE EXECUTE ON FUNCTION upns_elsewhere FROM hub_registry_app", KEPT, {"functions"}),
        ("DROP INDEX explanation_by_school", KEPT, {"indexes"}),
        ("ALTER TABLE explanation DROP CONSTRAINT explanation_pkey", KEPT, {"indexes", "keys"}),
        ("CREATE UNIQUE INDEX ON student (last_name)", HINDERING, {"unique indexes"}),
        ("CREATE POLICY less ON student AS RESTRICTIVE USING (false)", HINDERING, {"restrictive policies"}),
        ("ALTER TABLE hub FORCE ROW LEVEL SECURITY", HINDERING, {"row-level security"}),
    ],
)
async def test_contraction_is_seen(
    make_database: MakeDatabase, change: str, kinds: dict[str, str], lost: set[str]
) -> None:
    url = (await make_database()).owner_url
    await asyncio.to_thread(migrate, url, "registry")
    before = read(url, kinds)
    with psycopg.connect(url) as conn:
        conn.execute(change.encode())
    after = read(url, kinds)
    less, more = (before, after) if kinds is KEPT else (after, before)
    assert {kind for kind in kinds if less[kind] - more[kind]} == lost


@pytest.mark.parametrize("service", USES)
async def test_what_the_previous_release_writes_is_still_taken(make_database: MakeDatabase, service: str) -> None:
    url = (await make_database()).owner_url
    await asyncio.to_thread(migrate, url, service)
    left = Left.by(PREVIOUS)
    await asyncio.to_thread(insert_rows, left, service, url)  # its own rows, by its own columns, checks and all
    with psycopg.connect(url) as conn:
        [(rows,)] = conn.execute("SELECT count(*) FROM outbox").fetchall()
    assert rows > 0


RELEASES = {
    "first": {"0001": ""},
    "second": {"0001": "", "0002": ""},
    "third": {"0001": "", "0002": "", "0003": 'oldest_head = "0002"', "0004": ""},
}
"""Release -> its revisions, and what each says; the third drops what the second no longer reads."""


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three releases of a service, as packages that can be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    for release, revisions in RELEASES.items():
        versions = tmp_path / f"ledger_{release}/migrations/versions"
        versions.mkdir(parents=True)
        (tmp_path / f"ledger_{release}/__init__.py").touch()
        before = None
        for number, said in revisions.items():
            head = f'"""."""\n\nrevision = "{number}"\ndown_revision = {before!r}\n{said}\n'
            (versions / f"{number}.py").write_text(f"{head}\n\ndef upgrade() -> None:\n    pass\n", "utf-8")
            before = number
    yield
    for release in RELEASES:
        sys.modules.pop(f"ledger_{release}", None)


@pytest.mark.usefixtures("releases")
async def test_only_the_release_before_starts_on_a_database_from_which_something_was_dropped(
    make_database: MakeDatabase,
) -> None:
    url = (await make_database()).owner_url
    for release in ("first", "second", "third", "second", "third"):
        await asyncio.to_thread(upgrade, url, package=f"ledger_{release}", roles=())
    with pytest.raises(SchemaContracted, match=r"at revision 0004 and needs a release that brings 0002 or later"):
        await asyncio.to_thread(upgrade, url, package="ledger_first", roles=())
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [("0004",)]


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
