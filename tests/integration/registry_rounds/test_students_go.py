"""Rows that name students without a foreign key: none names a student who is not there, and none outlives theirs."""

import asyncpg
import pytest

from hub_schemas.ids import new_id
from tests.integration.registry_rounds.builder import RoundWorld

_COLUMNS = {
    "preference": "round_id, hub_id, school_id, student_id, rank, slot_id",
    "participant": "round_id, hub_id, participant_id, student_id, school_id",
    "placement": "run_id, hub_id, round_id, student_id, school_id, slot_id, employer_id, minutes, mode_used",
    "unplaced": "run_id, hub_id, round_id, student_id, school_id, reason",
    "explanation": "run_id, hub_id, place, student_id, school_id, body",
}
_NUMBERS = {"rank", "minutes", "place"}
_TEXTS = {"school_id", "participant_id", "mode_used", "reason", "body"}


def _insert(table: str, student: str) -> str:
    def value(column: str) -> str:
        if column == "student_id":
            return f"'{student}'::uuid"
        if column in _NUMBERS:
            return "1"
        return f"'{column}'" if column in _TEXTS else f"'{new_id()}'::uuid"

    columns = _COLUMNS[table]
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(value, columns.split(', ')))})"


@pytest.mark.parametrize("table", _COLUMNS)
async def test_row_that_names_no_student_is_refused(rounds: RoundWorld, table: str) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await rounds.execute(_insert(table, str(new_id())))


@pytest.mark.parametrize("table", _COLUMNS)
async def test_rows_go_with_their_student(rounds: RoundWorld, table: str) -> None:
    gone, stays = await rounds.fetch("SELECT student_id FROM student ORDER BY student_id LIMIT 2")
    both = [gone["student_id"], stays["student_id"]]
    for student in both:
        await rounds.execute(_insert(table, str(student)))
    await rounds.execute("DELETE FROM student WHERE student_id = $1", gone["student_id"])
    left = await rounds.fetch(f"SELECT DISTINCT student_id FROM {table} WHERE student_id = ANY ($1)", both)
    assert [row["student_id"] for row in left] == [stays["student_id"]]
