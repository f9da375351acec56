"""``hub-matching credit``: a round's priorities raised by what earlier rounds owe its students."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub_allocation.credit import Credited, credit_bytes, earlier_result, with_credit
from hub_allocation.errors import BadInput, InputError
from hub_allocation.folder import POLICY, check_place, read_file, read_files, read_folder_policy
from hub_allocation.policy import Policy
from hub_allocation.reading.tables import read_instance
from hub_matching.cli.arguments import PATH, Input, PolicyFile, named_path
from hub_matching.cli.endings import endings, report, say
from hub_matching.cli.rounds import write_report
from hub_schemas.tables import BY_NAME

Earlier = Annotated[
    list[Path],
    typer.Argument(
        metavar="EARLIER", parser=named_path, help="Folders with the results of earlier rounds, oldest first"
    ),
]
Copy = Annotated[
    Path | None,
    typer.Option("--out", parser=named_path, metavar=PATH, help="New folder for the round with its priorities raised"),
]
CREDIT_FILE = "credit.csv"
RESULT_FILES = ("allocations.csv", "unplaced.csv")


def credit_command(input_: Input, earlier: Earlier, out: Copy = None, policy: PolicyFile = None) -> None:
    """Raise the priorities of the round in INPUT by its students' credit from EARLIER results.

    The formula is the policy's: credit_unplaced points for each earlier round without a placement, credit_per_rank for
    each rank below the first, credit_most at most. With --out a copy of INPUT is written, ready for solve: students.csv
    has the raised priorities, credit.csv says what was added for whom. INPUT itself stays as it is.
    """
    with endings():
        tables = read_files(input_)
        rules = read_folder_policy(input_, policy)
        read_instance(tables, rules)
        _refuse_twice(input_, out)
        history = [earlier_result(_result_files(folder), folder=str(folder)) for folder in earlier]
        students, rows = with_credit(tables["students"], history, rules)
        if out is not None:
            write_report(_copy(input_, tables, students=students, rows=rows, policy=policy), out)
    if not rules.credit_unplaced:
        say("notice: this policy gives no credit: credit_unplaced is 0")
    _show(rows, rules, out)


def _refuse_twice(folder: Path, out: Path | None) -> None:
    if (folder / CREDIT_FILE).is_file():
        what = "is there: these priorities hold a credit already"
        raise BadInput([InputError(str(folder / CREDIT_FILE), 0, "", what, "start from the round without credit")])
    if out is not None:
        if out.exists():
            raise BadInput([InputError(str(out), 0, "", "is there already", "name a new folder")])
        check_place(out)


def _result_files(folder: Path) -> dict[str, bytes]:
    return {name: data for name in RESULT_FILES if (data := read_file(folder / name)) is not None}


def _copy(
    folder: Path, tables: dict[str, bytes], *, students: bytes, rows: list[Credited], policy: Path | None
) -> dict[str, bytes]:
    """The round's files, as they were but for the students'; the policy under the name that solve looks for."""
    files = {"students.csv": students, CREDIT_FILE: credit_bytes(rows)}
    for name, data in tables.items():
        if name != "students":
            files[f"{name}.parquet" if data[:4] == b"PAR1" else BY_NAME[name].file_name] = data
    rules = read_file(policy or folder / POLICY)
    if rules is not None:
        files[POLICY] = rules
    return files


def _show(rows: list[Credited], rules: Policy, out: Path | None) -> None:
    console = report()
    formula = f"{rules.credit_unplaced} unplaced, {rules.credit_per_rank} a rank, {rules.credit_most} at most"
    table = Table(title=f"Credit from earlier rounds ({formula})", title_justify="left")
    table.add_column("credit", justify="right")
    table.add_column("students", justify="right")
    amounts = sorted({row.credit for row in rows}, reverse=True)
    for amount in amounts:
        table.add_row(str(amount), f"{sum(row.credit == amount for row in rows):,}")
    console.print(table)
    raised = sum(row.priority > row.before for row in rows)
    console.print(f"{raised:,} of {len(rows):,} students have a higher priority than before", markup=False)
    if out is not None:
        console.print(f"Written to {out}", markup=False)
