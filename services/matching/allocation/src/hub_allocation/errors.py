"""What can be wrong with an input, and the exceptions of this library.

AllocationError
├── BadInput      the folder, a file or the policy can't be used; every error listed, or counted past a thousand alike
├── Infeasible    the pins and the rules can't hold together; a smallest set of rules that stand in the way
├── TooLarge      the numbers of the input don't fit the exact arithmetic
└── Stopped       the caller asked to stop
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MOST_TOLD = 1000
"""Errors of one column of a file that are told one by one: a million broken rows have one cause, not a million."""
LONGEST = 400
"""Characters of what is wrong that are told: a cell may hold a book."""


class AllocationError(Exception):
    """Root of everything this library raises on purpose."""


@dataclass(frozen=True, slots=True)
class InputError:
    """One thing wrong in the input: where it is, what is wrong, how to mend it.

    ``row`` is the row as a spreadsheet numbers it (the header is row 1); 0 stands for the file as a whole.
    """

    file: str
    row: int
    column: str
    what: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.row}" if self.row else self.file
        column = f"{self.column}: " if self.column else ""
        what = self.what if len(self.what) <= LONGEST else f"{self.what[:LONGEST]} …"
        return _one_line(f"{where}: {column}{what}; {self.mend}")


def _one_line(text: str) -> str:
    """The text with whatever a terminal would not show as a character written out: a cell may hold anything."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def and_more(file: str, column: str, count: int) -> InputError:
    """The line that stands for this many errors of a column."""
    return InputError(file, 0, column, f"{count:,} more errors", "mend those above and try again")


def told(errors: Iterable[InputError]) -> list[InputError]:
    """The first MOST_TOLD errors of each column of each file, in their order, then how many more each has."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for error in errors:
        seen[error.file, error.column] += 1
        if seen[error.file, error.column] <= MOST_TOLD:
            kept.append(error)
    return kept + [and_more(*of, count - MOST_TOLD) for of, count in seen.items() if count > MOST_TOLD]


class BadInput(AllocationError):
    """The input can't be used; ``errors`` lists the reasons, in the order of the files, rows and columns."""

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))

    def __reduce__(self) -> tuple[type["BadInput"], tuple[tuple[InputError, ...]]]:
        """So that it crosses from one process to another whole."""
        return type(self), (self.errors,)


class Infeasible(AllocationError):
    """No allocation keeps the pins and every rule; ``rules`` is a smallest set that, dropped, makes one possible."""

    def __init__(self, rules: Iterable[InputError] = ()) -> None:
        self.rules = tuple(rules)
        super().__init__("\n".join(str(rule) for rule in self.rules) or "no allocation keeps the pins and every rule")

    def __reduce__(self) -> tuple[type["Infeasible"], tuple[tuple[InputError, ...]]]:
        """So that it crosses from one process to another whole."""
        return type(self), (self.rules,)


class TooLarge(AllocationError):
    """A sum of costs could leave 64 bits, so no exact answer can be promised."""


class Stopped(AllocationError):
    """Raised inside a solve when the caller wants no answer any more."""
