"""What is wrong with a file: the first 200 errors, and how many of each kind."""

from collections import Counter
from typing import Final

from hub_registry.errors import FileRefused, Finding
from hub_registry.imports.sheet import Record, Sheet

SHOWN: Final = 200


class Findings:
    """Collects errors; ``refuse`` raises when there are any."""

    def __init__(self) -> None:
        self._shown: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, where: Record | int, column: str | None, code: str, message: str) -> None:
        """Note an error in a row (or at a row's number) and a column, by its header."""
        self._counts[code] += 1
        if len(self._shown) < SHOWN:
            row = where.row if isinstance(where, Record) else where
            self._shown.append(Finding(message=message, code=code, row=row, column=column))

    def __len__(self) -> int:
        return self._counts.total()

    def refuse(self, sheet: Sheet) -> None:
        """Raise FileRefused if anything was found; errors in order of rows."""
        if not self._counts:
            return
        total = self._counts.total()
        errors = "1 error" if total == 1 else f"{total} errors"
        raise FileRefused(
            f"the {sheet.kind} file has {errors}; nothing of it was taken",
            sorted(self._shown, key=lambda finding: finding.row or 0),
            error_count=total,
            counts=dict(sorted(self._counts.items())),
        )
