"""Keep a round from closing on an input that every run would refuse: what is frozen can't be mended any more."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from hub_allocation.errors import BadInput, InputError
from hub_allocation.policy import Policy as SolverPolicy
from hub_allocation.reading.tables import read_instance
from hub_registry.errors import InputNotFrozen
from hub_schemas import tables
from hub_schemas.policy import Policy

LISTED = 200
"""Most lines named in a refusal."""
_PARTICIPANT = re.compile(r"\b[0-9a-f]{20}\b")
_TABLES = {table.file_name: table.name for table in tables.TABLES}


def refuse_unsolvable(files: Mapping[str, bytes], policy: Policy, *, names: Mapping[str, str]) -> None:
    """Read an input as the solver will; the policy's own errors pass, because each run may have another policy.

    Args:
        files: canonical bytes by table name.
        policy: the round's.
        names: participant id by student id: people know students, not participants.

    Raises:
        InputNotFrozen: with a finding for each line that the solver refuses, the student or slot named.
    """
    try:
        read_instance(files, SolverPolicy.from_mapping(policy.model_dump()))
    except BadInput as bad:
        errors = [error for error in bad.errors if error.file in _TABLES]
        if errors:
            named = _Named(files, names)
            # Which row comes first is drawn by lot with the ids: the same trouble is said in the same words each time.
            first = min(errors, key=lambda error: (error.file, error.column, named.plain(error.what)))
            raise InputNotFrozen(
                f"no run could solve this input ({len(errors)} errors): "
                f"{first.file}: {first.column}: {named.plain(first.what)}; {first.mend}",
                errors=[named.finding(error) for error in errors[:LISTED]],
            ) from bad


class _Named:
    """Says whose line an error is about."""

    def __init__(self, files: Mapping[str, bytes], names: Mapping[str, str]) -> None:
        self._files = files
        self._students = {participant: student for student, participant in names.items()}
        self._keys: dict[str, list[str]] = {}

    def finding(self, error: InputError) -> dict[str, Any]:
        key = self._key(error)
        where = f"{error.file}: {key}" if key else error.file
        return {
            "message": f"{where}: {error.column}: {self.plain(error.what)}; {error.mend}",
            "code": "not_solvable",
            "column": error.column,
            "field": key or error.file,
        }

    def plain(self, text: str) -> str:
        """A text in which participants are students."""
        return _PARTICIPANT.sub(lambda found: self._students.get(found[0], found[0]), text)

    def _key(self, error: InputError) -> str:
        """The first cell of the error's row, '' for a whole file; a student's id for a participant's."""
        if error.file not in self._keys:
            text = self._files[_TABLES[error.file]].decode()
            self._keys[error.file] = [row[0] for row in csv.reader(io.StringIO(text)) if row]
        if not 1 < error.row <= len(self._keys[error.file]):
            return ""
        key = self._keys[error.file][error.row - 1]
        return self._students.get(key, key)
