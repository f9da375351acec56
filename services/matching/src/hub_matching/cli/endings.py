"""How a command ends: its exit status, and what it says when the input or the rules don't allow an answer."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

from hub_allocation.errors import AllocationError, BadInput, Infeasible, InputError, Stopped

NOT_SOLVED = 1
BAD_INPUT = 2
INFEASIBLE = 3
FILE_WIDTH = 240
CANCELLED = 130
"""128 + SIGINT, as shells have it."""


def say(line: str) -> None:
    """One line to the person, on the error output, so that the standard output stays the report's."""
    sys.stderr.write(f"{line}\n")


def report() -> Console:
    """Where the readable summary goes."""
    # In a file or a pipe a table is as wide as its cells: 80 columns would break words for nobody's sake.
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else FILE_WIDTH)


@contextmanager
def endings() -> Iterator[None]:
    """Turn what can stop a command into a line for each reason and an exit status."""
    try:
        yield
    except BadInput as error:
        for line in error.errors:
            say(str(line))
        raise typer.Exit(BAD_INPUT) from None
    except Infeasible as error:
        infeasible(error.rules)
    except (Stopped, KeyboardInterrupt):
        cancelled()
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"error: {where}{error.strerror or error}")
        raise typer.Exit(NOT_SOLVED) from None
    except AllocationError as error:
        say(f"error: {error}")
        raise typer.Exit(NOT_SOLVED) from None


def infeasible(rules: Sequence[InputError], *, where: str = "") -> NoReturn:
    """No allocation exists; the rules are a smallest set that, dropped, makes one possible."""
    say(f"{where}infeasible: no allocation keeps the pins and every rule")
    if rules:
        say("dropping this makes one possible:" if len(rules) == 1 else "dropping all of these makes one possible:")
    for rule in rules:
        say(f"  {rule}")
    raise typer.Exit(INFEASIBLE) from None


def cancelled() -> NoReturn:
    """The person pressed Ctrl-C."""
    say("cancelled: no result was written")
    raise typer.Exit(CANCELLED) from None
