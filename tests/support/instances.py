"""Small rounds for tests: tables of text as the registry would freeze them, and the events that carry them.

``market(students=…, slots=…)`` makes a round that has an answer; change its rows to make it one that has none.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hub_schemas import tables
from hub_schemas.events.round_inputs import MAX_ROWS, InputChunk
from hub_schemas.events.rounds import RoundClosed
from hub_schemas.events.run_requests import RunRequested
from hub_schemas.ids import InputId, ProgrammeId, RoundId, RunId, new_id
from hub_schemas.policy import Policy

Row = tuple[str, ...]


def row(table: str, **cells: object) -> Row:
    """Make a row of a table from the cells that are not blank."""
    unknown = cells.keys() - set(tables.BY_NAME[table].header)
    assert not unknown, f"{table} has no {unknown}"
    return tuple(str(cells.get(column, "")) for column in tables.BY_NAME[table].header)


@dataclass(frozen=True)
class Round:
    """A round's frozen input: rows by table."""

    rows: dict[str, list[Row]]
    round_id: RoundId = field(default_factory=lambda: RoundId(new_id()))
    input_id: InputId = field(default_factory=lambda: InputId(new_id()))

    @property
    def files(self) -> dict[str, bytes]:
        """Canonical bytes by table."""
        return {name: tables.canonical_bytes(name, self.rows.get(name, ())) for name in tables.BY_NAME}

    @property
    def sha256(self) -> str:
        """What the input hashes to."""
        return tables.input_sha256(self.files)

    def chunks(self, size: int = MAX_ROWS) -> list[InputChunk]:
        """The input in pieces of at most ``size`` rows."""
        pieces = [
            (table, tuple(rows[at : at + size]))
            for table, rows in self.rows.items()
            for at in range(0, len(rows), size)
        ]
        return [
            InputChunk(
                round_id=self.round_id, input_id=self.input_id, table=table, index=index, count=len(pieces), rows=rows
            )
            for index, (table, rows) in enumerate(pieces)
        ]

    def closed(self, *, size: int = MAX_ROWS) -> RoundClosed:
        """The announcement of the input cut into pieces of this size."""
        return RoundClosed(
            round_id=self.round_id,
            programme_id=ProgrammeId(new_id()),
            input_id=self.input_id,
            rows={table: len(rows) for table, rows in self.rows.items()},
            chunks=len(self.chunks(size)),
            input_sha256=self.sha256,
            lottery_seed="seed",
        )

    def requested(self, *, run_id: RunId | None = None, policy: Policy | None = None) -> RunRequested:
        """A request for a run of this input."""
        return RunRequested(
            run_id=run_id or RunId(new_id()),
            round_id=self.round_id,
            input_id=self.input_id,
            input_sha256=self.sha256,
            policy=policy or Policy(lottery_seed="seed"),
        )

    def with_rows(self, table: str, rows: Iterable[Row]) -> "Round":
        """The same round with other rows in one table."""
        return replace(self, rows=self.rows | {table: list(rows)})


def market(students: int = 12, slots: int = 5, *, capacity: int = 2, wishes: int = 3, seed: int = 1) -> Round:
    """Make a round in which everybody can reach everything and wants a few slots, some more popular than others.

    Args:
        students: how many take part, s0001 and so on, of three schools.
        slots: how many are offered, p0001 and so on, one employer each.
        capacity: seats of each slot.
        wishes: preferences of each student, at most ``slots``.
        seed: of the wishes and priorities.
    """
    draw = random.Random(seed)  # noqa: S311 -- no secret
    slot_ids = [f"p{number:04}" for number in range(1, slots + 1)]
    student_ids = [f"s{number:04}" for number in range(1, students + 1)]
    wanted = {student: _wishes(draw, slot_ids, wishes) for student in student_ids}
    return Round(
        {
            "students": [
                row(
                    "students", student_id=student, school_id=f"10000{1 + at % 3}", year_group=10,
                    birth_month="2011-10", travel_modes="walk", max_travel_minutes=60, priority=draw.randrange(0, 500),
                )
                for at, student in enumerate(student_ids)
            ],
            "slots": [
                row(
                    "slots", slot_id=slot, employer_id=f"e{slot[1:]}", title=f"Days at {slot}", sector="Science",
                    kind="placement", mode="in_person", postcode=f"L{at % 9 + 1} 1AA",
                    dates="2027-06-07/2027-06-11", capacity=capacity,
                )
                for at, slot in enumerate(slot_ids)
            ],
            "employers": [row("employers", employer_id=f"e{slot[1:]}") for slot in slot_ids],
            "schools": [row("schools", school_id=f"10000{number}", postcode=f"L{number} 9ZZ") for number in (1, 2, 3)],
            "preferences": [
                row("preferences", student_id=student, rank=rank, slot_id=slot)
                for student, ranked in wanted.items()
                for rank, slot in enumerate(ranked, start=1)
            ],
            "travel": [
                row(
                    "travel", origin_postcode=f"L{number} 9ZZ", destination_postcode=f"L{place} 1AA", mode="walk",
                    minutes=10 + 3 * abs(number - place),
                )
                for number in (1, 2, 3)
                for place in range(1, min(9, slots) + 1)
            ],
        }
    )  # fmt: skip


def _wishes(draw: random.Random, slot_ids: Sequence[str], count: int) -> list[str]:
    wanted: dict[str, None] = {}
    while len(wanted) < min(count, len(slot_ids)):
        wanted[slot_ids[int(len(slot_ids) * draw.random() ** 1.5)]] = None
    return list(wanted)
