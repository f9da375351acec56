"""What a database's schema promises a service that works on it, as far as a later migration could break it."""

from collections.abc import Mapping
from typing import Final

import psycopg

Promise = tuple[object, ...]
"""The table (or function) first, then what is promised of it."""

KEPT: Final[Mapping[str, str]] = {
    "rights on tables": r"""
        SELECT table_name, grantee, privilege_type
          FROM information_schema.role_table_grants
         WHERE table_schema = 'public' AND grantee LIKE 'hub\_%'
    """,
    "rights on columns": r"""
        SELECT table_name, column_name, grantee, privilege_type
          FROM information_schema.column_privileges
         WHERE table_schema = 'public' AND grantee LIKE 'hub\_%'
    """,
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
          FROM pg_policies
         WHERE schemaname = 'public'
    """,
    "functions": r"""
        SELECT p.oid::regprocedure::text, pg_get_function_result(p.oid), p.prosecdef, r.rolname
          FROM pg_proc p
          JOIN pg_roles r ON r.rolname LIKE 'hub\_%' AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
         WHERE p.pronamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "keys": """
        SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
          FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'x')
    """,
}
"""What a service needs to go on as before; ON CONFLICT needs the index that it names."""

HINDERING: Final[Mapping[str, str]] = {
    "row-level security": """
        SELECT relname, relrowsecurity, relforcerowsecurity
          FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND (relrowsecurity OR relforcerowsecurity)
    """,
    "restrictive policies": """
        SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND permissive = 'RESTRICTIVE'
    """,
    "unique indexes": """
        SELECT t.relname, pg_get_indexdef(i.indexrelid)
          FROM pg_index i
          JOIN pg_class t ON t.oid = i.indrelid
         WHERE t.relnamespace = 'public'::regnamespace AND i.indisunique
    """,
    "triggers": """
        SELECT c.relname, t.tgname
          FROM pg_trigger t
          JOIN pg_class c ON c.oid = t.tgrelid
         WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
    """,
    "foreign keys": """
        SELECT conrelid::regclass::text, pg_get_constraintdef(oid)
          FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype = 'f'
    """,
}
"""What may refuse a write that was taken before, and what copied rows do not meet (``insert_rows``)."""


def read(url: str, queries: Mapping[str, str]) -> dict[str, set[Promise]]:
    """Read what a database has of each kind."""
    with psycopg.connect(url) as conn:
        return {kind: set(conn.execute(query.encode()).fetchall()) for kind, query in queries.items()}
