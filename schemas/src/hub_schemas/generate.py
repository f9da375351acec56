"""Writes schemas/json: a JSON Schema for each message, and one AsyncAPI 3 document for all.

``python -m hub_schemas.generate`` writes; with ``--check`` it only says whether what is committed is up to date.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from hub_schemas.asyncapi import document
from hub_schemas.catalogue import FACTS
from hub_schemas.envelope import Envelope, Fact

FOLDER = Path(__file__).parents[2] / "json"


def message_schema(fact: type[Fact]) -> dict[str, Any]:
    """JSON Schema (2020-12) of one fact inside its envelope, with the type's name and version fixed."""
    schema = Envelope[fact].model_json_schema(mode="serialization")  # type: ignore[valid-type]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"{fact.__name__} v{fact.version}"
    schema["description"] = " ".join((fact.__doc__ or "").split())
    schema["properties"]["type"] = {"const": fact.__name__}
    schema["properties"]["version"] = {"const": fact.version}
    return schema


def documents() -> dict[str, str]:
    """The text of every generated file by its name."""
    schemas = {f"{fact.__name__}.v{fact.version}.json": message_schema(fact) for fact in FACTS.values()}
    files = {name: _text(schema) for name, schema in schemas.items()}
    files["asyncapi.json"] = _text(document(FACTS.values()))
    return files


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of files in ``folder`` that differ from what would be written, are missing, or are no longer made."""
    wanted = documents()
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))


def write(folder: Path = FOLDER) -> None:
    """Write every generated file and remove those that are no longer made."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = documents()
    for path in folder.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a committed file is out of date")
    if not parser.parse_args().check:
        write()
        return 0
    names = stale()
    if names:
        sys.stderr.write(f"out of date: {', '.join(names)}; run `make schemas`\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
