"""Who may import whom: allocation → ids and tables; service → chassis → schemas; services never each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MEMBERS = {
    "hub_schemas": "schemas/src/hub_schemas",
    "hub_chassis": "services/chassis/src/hub_chassis",
    "hub_registry": "services/registry/src/hub_registry",
    "hub_matching": "services/matching/src/hub_matching",
    "hub_allocation": "services/matching/allocation/src/hub_allocation",
    "hub_notifier": "services/notifier/src/hub_notifier",
    "hub_deploy": "deploy/src/hub_deploy",
}

ALLOWED = {
    "hub_schemas": (),
    "hub_chassis": ("hub_schemas",),
    "hub_allocation": ("hub_schemas.ids", "hub_schemas.tables", "hub_schemas.table_rows", "hub_schemas.credit"),
    "hub_registry": ("hub_schemas", "hub_chassis", "hub_allocation"),
    "hub_matching": ("hub_schemas", "hub_chassis", "hub_allocation"),
    "hub_notifier": ("hub_schemas", "hub_chassis"),
    "hub_deploy": ("hub_schemas",),
}


def _imports(package: str) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in sorted((ROOT / MEMBERS[package]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {(str(path.relative_to(ROOT)), name) for name in names}
    return found


def _within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("package", sorted(MEMBERS))
def test_package_imports_only_what_lies_below_it(package: str) -> None:
    ours = {(where, name) for where, name in _imports(package) if name.split(".")[0] in MEMBERS}
    wrong = {(where, name) for where, name in ours if not _within(name, (package, *ALLOWED[package]))}
    assert wrong == set()


@pytest.mark.parametrize("forbidden", ["asyncpg", "aiokafka", "faststream", "structlog", "pydantic_settings"])
def test_allocation_is_a_plain_library(forbidden: str) -> None:
    assert not {(where, name) for where, name in _imports("hub_allocation") if name.split(".")[0] == forbidden}


def test_chassis_knows_no_fact_of_the_domain() -> None:
    wrong = {
        (where, name)
        for where, name in _imports("hub_chassis")
        if name.startswith("hub_schemas.events") and "dead_letters" not in name
    }
    assert wrong == set()
