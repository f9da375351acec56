"""Random changes to random rounds: somebody withdraws or declines, a seat or slot comes or goes, the hub fixes one."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from tests.support.oracle.generated import Generated
from tests.support.oracle.problem import Key, Row

Rows = dict[str, list[Row]]


def changed(
    made: Generated, standing: Iterable[Key], rng: random.Random, *, kind: str | None = None
) -> tuple[str, Generated]:
    """One change to a round, of this kind or any, mostly one that touches what stands: its name, the round after it."""
    rows = {table: [dict(row) for row in found] for table, found in made.rows.items()}
    placed = sorted(key for key in standing if any(row["student_id"] == key[0] for row in rows["students"]))
    who, what = rng.choice(placed) if placed else (rows["students"][0]["student_id"], rows["slots"][0]["slot_id"])
    name = kind or rng.choice(sorted(CHANGES))
    CHANGES[name](rows, who, what)
    return name, replace(made, rows=rows)


def withdraw(rows: Rows, who: str, _what: str) -> None:
    rows["students"] = [row for row in rows["students"] if row["student_id"] != who]
    rows["preferences"] = [row for row in rows["preferences"] if row["student_id"] != who]
    for row in rows["students"]:
        if row.get("companion_id") == who:
            row["companion_id"] = ""


def decline(rows: Rows, who: str, what: str) -> None:
    rows["preferences"] = [row for row in rows["preferences"] if (row["student_id"], row["slot_id"]) != (who, what)]
    for row in rows["students"]:
        if (row["student_id"], row.get("pinned_slot_id")) == (who, what):
            row["pinned_slot_id"] = ""
    _close_ranks(rows)


def lose_slot(rows: Rows, _who: str, what: str) -> None:
    rows["slots"] = [row for row in rows["slots"] if row["slot_id"] != what]
    rows["preferences"] = [row for row in rows["preferences"] if row["slot_id"] != what]
    for row in rows["students"]:
        if row.get("pinned_slot_id") == what:
            row["pinned_slot_id"] = ""
    _close_ranks(rows)


def lose_seat(rows: Rows, _who: str, what: str) -> None:
    for row in rows["slots"]:
        if row["slot_id"] == what:
            row["capacity"] = str(max(0, int(row["capacity"]) - 1))
            row["reserved"] = str(min(int(row.get("reserved") or 0), int(row["capacity"])))


def add_slot(rows: Rows, who: str, what: str) -> None:
    model = next(row for row in rows["slots"] if row["slot_id"] == what)
    rows["slots"].append({**model, "slot_id": f"{what}-new", "capacity": "1", "min_group": "", "reserved": ""})
    ranks = [int(row["rank"]) for row in rows["preferences"] if row["student_id"] == who]
    row = {"student_id": who, "rank": "1", "slot_id": f"{what}-new"}
    rows["preferences"].append(row | ({"rank": str(rank)} if (rank := max(ranks, default=1)) else {}))


def add_student(rows: Rows, who: str, _what: str) -> None:
    model = next(row for row in rows["students"] if row["student_id"] == who)
    rows["students"].append({**model, "student_id": f"{who}-new", "companion_id": "", "pinned_slot_id": ""})
    rows["preferences"] += [{**row, "student_id": f"{who}-new"} for row in rows["preferences"] if
                            row["student_id"] == who]  # fmt: skip


def pin(rows: Rows, who: str, what: str) -> None:
    others = [row["slot_id"] for row in rows["preferences"] if row["student_id"] == who and row["slot_id"] != what]
    for row in rows["students"]:
        if row["student_id"] == who and others:
            row["pinned_slot_id"] = others[0]


CHANGES: dict[str, Callable[[Rows, str, str], None]] = {
    "withdraw": withdraw, "decline": decline, "lose_slot": lose_slot, "lose_seat": lose_seat,
    "add_slot": add_slot, "add_student": add_student, "pin": pin,
}  # fmt: skip


def _close_ranks(rows: Rows) -> None:
    """Make each student's ranks dense again."""
    for who in {row["student_id"] for row in rows["preferences"]}:
        mine = [row for row in rows["preferences"] if row["student_id"] == who]
        dense = {rank: str(at) for at, rank in enumerate(sorted({int(row["rank"]) for row in mine}), start=1)}
        for row in mine:
            row["rank"] = dense[int(row["rank"])]
