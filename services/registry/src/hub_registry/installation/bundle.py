"""What to send to whoever helps, in one archive: figures, versions and settings; no name, no address, no secret."""

import io
import json
import platform
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import distributions
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
from pydantic import SecretStr

from hub_chassis.database import Database
from hub_registry.installation.checks import ANSWER_S, Finding
from hub_registry.settings import WORKER_ROLE, Settings

HIDDEN = "(hidden)"

_SIZES = """
    SELECT relname AS name, reltuples::bigint AS rows, pg_total_relation_size(oid) AS bytes
      FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
     ORDER BY relname
"""


async def packed(
    *, settings: Settings, services: Mapping[str, str], findings: Sequence[Finding]
) -> tuple[bytes, list[str]]:
    """Make the archive; gives it and the names of its files. What can't be had is left out: the findings say why."""
    packages = {one.name: one.version for one in sorted(distributions(), key=lambda one: one.name.lower())}
    files = {
        "about.json": _json({"python": sys.version, "platform": platform.platform(), "packages": packages}),
        "settings.json": _json(shown(settings)),
        "findings.json": _json([asdict(finding) for finding in findings]),
    }
    if any(finding.part == "database" and finding.is_well for finding in findings):
        async with Database.open(settings, role=WORKER_ROLE) as db, db.connection() as conn:
            files["tables.json"] = _json([dict(row) for row in await conn.fetch(_SIZES)])
    async with httpx.AsyncClient(timeout=ANSWER_S) as client:
        for name, url in services.items():
            try:
                files[f"metrics-{name}.txt"] = (await client.get(f"{url.rstrip('/')}/metrics")).text
            except httpx.HTTPError:
                continue
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue(), list(files)


def shown(settings: Settings) -> dict[str, Any]:
    """Settings by their names, secrets and the passwords in addresses hidden."""
    return {f"HUB_{name.upper()}": _shown(getattr(settings, name)) for name in type(settings).model_fields}


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, str) and "@" in value and "://" in value:
        parts = urlsplit(value)
        return urlunsplit(parts._replace(netloc=f"{HIDDEN}@{parts.netloc.rpartition('@')[2]}", query=""))
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _json(facts: object) -> str:
    return json.dumps(facts, indent=2, default=str) + "\n"
