"""A class's choices as a teacher fills them in: one row a student, ``choice_1`` to ``choice_n``; pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from hub_registry.imports import Column, Sheet
from hub_registry.imports.cells import text
from hub_registry.imports.sheet import BadCell

CHOICES: Final = 10
"""Columns of the sheet that is handed out; a sheet with fewer is fine."""
_FORMULA: Final = re.compile(r"'(?=[=+\-@])")
_GUARDED: Final = "'"


def unguarded(cell: str) -> str:
    """Take off the apostrophe that a download puts before what a spreadsheet would calculate."""
    return _FORMULA.sub("", cell, count=1) if cell.startswith(_GUARDED) else cell


def codes(cell: str) -> list[str]:
    """Read the slots of one choice: one code, or several that are equally good, ``E1-1 = E2-1``."""
    found = [code for part in unguarded(cell).split("=") if (code := text(most=64)(part.strip()))]
    if len(found) != len(set(found)):
        raise BadCell("names a slot twice: once is enough", "duplicate")
    return found


def _mis_id(cell: str) -> str:
    return text(most=64)(unguarded(cell))


SHEET: Final = Sheet(
    kind="choices",
    about="A class's choices: a row a student. A row without any choice keeps what is stored.",
    columns=(
        Column("mis_id", _mis_id, "The student's id in the school's MIS", "1001", needed=True, filled=True),
        *(
            Column(
                f"choice_{number}",
                codes,
                "The slot's code; = between two that are as good" if number == 1 else f"{number}th best",
                "E0012-1",
                needed=number == 1,
                blank=[],
            )
            for number in range(1, CHOICES + 1)
        ),
    ),
    key=("mis_id",),
)


def ranked(values: Mapping[str, object]) -> list[list[str]]:
    """Give a row's choices, best first: those left blank between others are passed over."""
    found = [values.get(f"choice_{number}") or [] for number in range(1, CHOICES + 1)]
    return [list(codes_) for codes_ in found if isinstance(codes_, list) and codes_]


def row_of(student: Mapping[str, object], choices: Sequence[Sequence[str]]) -> dict[str, object]:
    """Write a student's row of the sheet: who it is, and what is chosen so far."""
    cells = {f"choice_{number}": "" for number in range(1, CHOICES + 1)}
    cells.update({f"choice_{number}": " = ".join(group) for number, group in enumerate(choices[:CHOICES], 1)})
    return {**{name: student[name] for name in ("mis_id", "last_name", "first_name", "year_group")}, **cells}


HEADER: Final = ("mis_id", "last_name", "first_name", "year_group", *(f"choice_{n}" for n in range(1, CHOICES + 1)))
