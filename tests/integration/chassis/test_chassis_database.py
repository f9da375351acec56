"""The pool and the migrations on a real PostgreSQL: closed by default, nothing leaks, nothing races."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest

from hub_chassis.database import Database
from hub_chassis.errors import DatabaseAway
from hub_chassis.migrations import upgrade
from hub_chassis.transaction import set_scope
from tests.integration.chassis.support import APP, PACKAGE, WORKER, Ledger, hub, slot
from tests.support.fixtures import MakeDatabase

_NOTE = "INSERT INTO note (hub_id, slot_id, capacity) VALUES ($1, $2, $3)"


async def test_row_level_security_shows_a_hub_its_own_rows_and_nobody_else_anything(ledger: Ledger) -> None:
    async with ledger.open(role=APP, pool_size=1) as db:
        for number in (1, 2):
            async with db.transaction(hub_id=hub(number)) as tx:
                await tx.conn.execute(_NOTE, hub(number), slot(number), number)
        async with db.transaction(hub_id=hub(1)) as tx:
            assert [row["capacity"] for row in await tx.conn.fetch("SELECT capacity FROM note ORDER BY place")] == [1]
        async with db.transaction() as tx:
            assert await tx.conn.fetch("SELECT * FROM note ORDER BY place") == []
        async with db.connection() as conn:
            assert await conn.fetch("SELECT * FROM note ORDER BY place") == []


async def test_a_scope_ends_with_its_transaction_and_then_reads_empty(ledger: Ledger) -> None:
    async with ledger.open(role=APP, pool_size=1) as db:
        scope = {"hub.role": "adviser", "hub.school_id": "100001"}
        async with db.transaction(hub_id=hub(1), scope=scope) as tx:
            pid = await tx.conn.fetchval("SELECT pg_backend_pid()")
            assert await tx.conn.fetchval("SELECT current_setting('hub.school_id')") == "100001"
        async with db.transaction(hub_id=hub(2)) as tx:
            assert await tx.conn.fetchval("SELECT pg_backend_pid()") == pid
            assert await tx.conn.fetchval("SELECT current_setting('hub.school_id', true)") == ""
            assert await tx.conn.fetchval("SELECT current_setting('hub.hub_id', true)") == str(hub(2))
        async with db.connection() as conn:
            assert await conn.fetchval("SELECT pg_backend_pid()") == pid
            assert await conn.fetchval("SELECT current_setting('hub.hub_id', true)") == ""


async def test_a_scope_ends_with_its_transaction_even_on_a_connection_that_is_kept(ledger: Ledger) -> None:
    async with ledger.open(role=APP) as db, db.connection() as conn:
        async with conn.transaction():
            await set_scope(conn, hub_id=hub(1), scope={"hub.role": "adviser"})
            await conn.execute(_NOTE, hub(1), slot(1), 1)
        assert await conn.fetchval("SELECT current_setting('hub.hub_id', true)") == ""
        assert await conn.fetchval("SELECT current_setting('hub.role', true)") == ""
        assert await conn.fetch("SELECT * FROM note ORDER BY place") == []


async def test_a_hub_can_not_write_rows_for_another(ledger: Ledger) -> None:
    async with ledger.open(role=APP) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with db.transaction(hub_id=hub(1)) as tx:
                await tx.conn.execute(_NOTE, hub(2), slot(1), 1)


async def test_the_app_neither_owns_nor_reads_the_plumbing_and_can_not_change_the_schema(ledger: Ledger) -> None:
    async with ledger.open(role=APP) as db, db.connection() as conn:
        who = await conn.fetchrow(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert tuple(who or ()) == (APP, False, False)
        for statement in (
            "SELECT * FROM outbox",
            "DELETE FROM inbox",
            "SELECT * FROM dead_letter",
            "ALTER TABLE note DISABLE ROW LEVEL SECURITY",
            "CREATE TABLE more (id integer)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)


async def test_the_login_role_alone_has_no_rights(ledger: Ledger) -> None:
    async with Database.open(ledger.settings(), role=None) as db, db.connection() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("SELECT * FROM note")


async def test_waiting_for_a_connection_ends(ledger: Ledger) -> None:
    async with ledger.open(pool_size=1, acquire_timeout_s=0.3) as db, db.connection():
        with pytest.raises(DatabaseAway):
            async with db.connection():
                pass


async def test_json_and_uuid_columns_come_as_python_values(ledger: Ledger) -> None:
    async with ledger.open() as db, db.connection() as conn:
        value = {"a": [1, None, "ü"]}
        assert await conn.fetchval("SELECT $1::jsonb", value) == value
        assert await conn.fetchval("SELECT $1::uuid", hub(3)) == hub(3)


async def test_replicas_that_start_together_migrate_once(make_database: MakeDatabase) -> None:
    database = await make_database()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4) as threads:
        starts = [loop.run_in_executor(threads, lambda: upgrade(database.owner_url, package=PACKAGE)) for _ in range(4)]
        await asyncio.gather(*starts)
    conn = await asyncpg.connect(database.owner_url)
    try:
        assert [row[0] for row in await conn.fetch("SELECT version_num FROM alembic_version")] == ["0001"]
        member = "SELECT pg_has_role('hub', $1, 'SET') AND NOT pg_has_role('hub', $1, 'USAGE')"
        assert [await conn.fetchval(member, role) for role in (APP, WORKER)] == [True, True]
    finally:
        await conn.close()
