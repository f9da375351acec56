"""``hub-matching explain``: why one student got what they got, and what overriding that would cost others."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from hub_allocation.errors import BadInput, InputError, Stopped
from hub_allocation.folder import read_file
from hub_allocation.instance import Flags, Instance
from hub_allocation.solve import Solved, solve
from hub_matching.cli.arguments import Input, Result, TimeLimit
from hub_matching.cli.before import Frozen, StandingFile
from hub_matching.cli.endings import endings, report
from hub_matching.cli.live import watched
from hub_matching.cli.stored import stored

Student = Annotated[str, typer.Option("--student", metavar="<id>", help="The student's id")]
Slot = Annotated[str | None, typer.Option("--slot", metavar="<id>", help="Only this slot")]
Exact = Annotated[
    bool, typer.Option("--exact", help="With --slot: solve again with the student there; exact whatever the rules")
]
EXPLANATIONS = "explanations.jsonl"


def explain_command(
    input_: Input,
    output: Result,
    *,
    student: Student,
    slot: Slot = None,
    exact: Exact = False,
    standing: StandingFile = None,
    frozen: Frozen = False,
    time_limit: TimeLimit = None,
) -> None:
    """Tell in plain words why a student has their slot, and why not each better-ranked one.

    With --slot and --exact the round is solved again with the student in that slot, to say what that would cost others.
    For a result solved with --standing (and --frozen) name the same.
    """
    with endings():
        with _readable(output):
            line = _line(output, student)
            told = _about(line, slot)
        before = stored(input_, output, standing=standing, frozen=frozen) if exact else None
        cost = None if before is None else _override(before, student, slot, time_limit=time_limit)
        with _readable(output):
            said = [f"{student}: {_had(line)}{line['text']}", *_words(told, overrides=cost is None)]
    if cost is not None:
        said.append(f"\nIf {student} were placed at {slot} ({cost['kind']}): {cost['text']}")
    elif slot is not None and not told:
        said.append(f"\n{slot} is not among the slots that {student} ranked better than this")
    for one in said:
        report().print(one, markup=False)


def _had(line: dict[str, Any]) -> str:
    """The slots that a placed student has, before the words on each."""
    slots = [one["slot_id"] for one in (line, *line.get("also", ()))] if line["status"] == "placed" else []
    return f"placed at {' and '.join(slots)}. " if slots else ""


def _words(told: list[dict[str, Any]], *, overrides: bool) -> Iterator[str]:
    """What is said of each slot, and if asked for of overriding it."""
    for one in told:
        rank = "unranked" if one["rank"] is None else f"choice {one['rank']}"
        yield f"\n{one['slot_id']} ({rank}): {one['text']}"
        if overrides and "if_overridden" in one:
            yield f"  If overridden: {one['if_overridden']['text']}"


@contextmanager
def _readable(output: Path) -> Iterator[None]:
    """Turn what a broken file of explanations leads to into an error that names it."""
    try:
        yield
    except (ValueError, KeyError, TypeError, RecursionError):
        where = str(output / EXPLANATIONS)
        raise _bad(where, "is damaged", "ask hub-matching verify what is wrong, or solve again") from None


def _line(output: Path, student: str) -> dict[str, Any]:
    data = read_file(output / EXPLANATIONS)
    if data is None:
        raise _bad(str(output / EXPLANATIONS), "is not there", "name the folder of a result that solve wrote")
    for text in data.decode().splitlines():
        line: dict[str, Any] = json.loads(text)
        if line["kind"] == "student" and line["student_id"] == student:
            return line
    raise _bad("--student", f"{student} is not in this result", "use an id of students.csv")


def _about(line: dict[str, Any], slot: str | None) -> list[dict[str, Any]]:
    """What is said of each better-ranked slot, or of the one asked for."""
    better: list[dict[str, Any]] = line["better"]
    return better if slot is None else [one for one in better if one["slot_id"] == slot]


def _override(before: Solved, student: str, slot: str | None, *, time_limit: float | None) -> dict[str, Any]:
    from hub_allocation.explain.on_request import exact_override

    if slot is None:
        raise _bad("--exact", "needs a slot", "name it with --slot")
    if before.prepared.standing is None and any(level.name == "moves" for level in before.levels):
        raise _bad("--exact", "this result changed one that stood", "name that with --standing, as for solve")
    instance, pairs = before.instance, before.pairs
    if slot not in instance.slots.ids:
        raise _bad("--slot", f"{slot} is not in this round", "use an id of slots.csv")
    who, what = instance.students.ids.index(student), instance.slots.ids.index(slot)
    if not (pairs.feasible & (pairs.student == who) & (pairs.slot == what)).any():
        raise _bad("--slot", f"{student} may not have {slot}", "leave --exact out to see why")
    return watched(
        lambda progress, stopped: exact_override(
            before, who, what, solve=partial(solved_again, time_limit=time_limit, stopped=stopped)
        )
    )


def solved_again(
    instance: Instance,
    *,
    time_limit: float | None,
    stopped: Callable[[], bool],
    standing: Flags | None = None,
    fixed: Flags | None = None,
) -> Solved:
    """Solve a changed round as the one before; raises Stopped when the person wants no answer any more."""
    outcome = solve(
        instance, clock=time.perf_counter, time_limit_s=time_limit, cancelled=stopped, standing=standing, fixed=fixed
    )
    if not isinstance(outcome, Solved):
        raise Stopped
    return outcome


def _bad(where: str, what: str, mend: str) -> BadInput:
    return BadInput([InputError(where, 0, "", what, mend)])
