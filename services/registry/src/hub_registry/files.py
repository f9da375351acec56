"""Which files can be imported, and their description: ``python -m hub_registry.files`` prints it as Markdown.

``services/registry/docs/import-columns.md`` is this text; a test fails when the two differ.
"""

import sys
from collections.abc import Iterator
from typing import Final

from hub_registry.employers.columns import EMPLOYERS
from hub_registry.imports import Column, Sheet
from hub_registry.postcodes.columns import POSTCODES
from hub_registry.preferences.columns import SHEET as PREFERENCES
from hub_registry.schools.columns import SCHOOLS
from hub_registry.slots.columns import SLOTS
from hub_registry.students.columns import STUDENTS

FILES: Final = (
    (SCHOOLS, "POST /api/v1/schools/import"),
    (POSTCODES, "POST /api/v1/postcodes/import"),
    (STUDENTS, "POST /api/v1/schools/{urn}/students/import"),
    (EMPLOYERS, "POST /api/v1/employers/import"),
    (SLOTS, "POST /api/v1/programmes/{programme_id}/slots/import"),
    (PREFERENCES, "POST /api/v1/rounds/{round_id}/schools/{urn}/preferences/import"),
)

_INTRODUCTION: Final = """\
# Files to import

Written by `python -m hub_registry.files` from the descriptions that the registry itself reads by; do not edit.

CSV (RFC 4180), separated by commas, with a header; UTF-8 with or without BOM, or Windows-1252 (the receipt says which);
at most 50 MB and a million lines. The order of the columns is free, letter case in the header does not matter, unknown
columns are ignored with a notice. Lists are separated by `;`. Dates are written 2027-06-07, 07/06/2027 or 7 Jun 2027. A
file is taken whole or not at all; every error names its row (the header is row 1) and column. `?preview=true` says what
would change.
Send the file as the body (`Content-Type: text/csv`) or as the file of a form. Small examples of each are in
`deploy/sample/example/`.
"""


def markdown() -> str:
    """Describe every file."""
    return "\n".join([_INTRODUCTION, *(line for sheet, call in FILES for line in _section(sheet, call))]) + "\n"


def _section(sheet: Sheet, call: str) -> Iterator[str]:
    yield f"## {sheet.kind}\n\n`{call}`\n\n{sheet.about}\n"
    key = " and ".join(f"`{sheet.header_of(name)}`" for name in sheet.key)
    yield f"{key} may occur {'together ' if len(sheet.key) > 1 else ''}once in a file.\n"
    yield "| column | in the header | blank cells | meaning | example |\n| --- | --- | --- | --- | --- |"
    yield from (_row(column) for column in sheet.columns)
    yield ""
    if any(column.aliases for column in sheet.columns):
        yield from _aliases(sheet)
    if sheet.refused:
        yield f"Refused by name: {', '.join(f'`{name}`' for name in sorted(sheet.refused))}.\n"


def _aliases(sheet: Sheet) -> Iterator[str]:
    yield "Headings of school information systems are taken for these columns, and the receipt says which for which"
    yield "([exchange.md](exchange.md)); two that could be the same column are refused.\n"
    yield "| column | headings |\n| --- | --- |"
    for column in sheet.columns:
        if column.aliases:
            yield f"| `{column.name}` | {', '.join(f'`{alias}`' for alias in column.aliases)} |"
    yield ""


def _row(column: Column) -> str:
    needed = "needed" if column.needed else "optional"
    blank = "refused" if column.filled else "allowed"
    return f"| `{column.name}` | {needed} | {blank} | {column.doc} | `{column.example}` |"


if __name__ == "__main__":
    sys.stdout.write(markdown())
