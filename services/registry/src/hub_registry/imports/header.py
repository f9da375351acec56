"""Which column of a file is which."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from hub_registry.imports.cells import shown
from hub_registry.imports.findings import Findings
from hub_registry.imports.sheet import Column, Sheet

MOST_COLUMNS: Final = 1_000
"""Real files have some dozens; looking at each of a million takes longer than anybody waits."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the known columns are, how many cells a row has, and what was ignored."""

    columns: tuple[tuple[int, Column], ...]
    width: int
    notices: tuple[str, ...]


def layout(header: list[str], sheet: Sheet, findings: Findings) -> Layout:
    """Find the sheet's columns in a header; adds to the findings what is missing, double or refused."""
    if len(header) > MOST_COLUMNS:
        findings.add(1, None, "too_many_columns", f"has {len(header):,} columns; at most {MOST_COLUMNS:,} are read")
        return Layout(columns=(), width=0, notices=())
    names = [" ".join(name.split()) for name in header]
    while names and not names[-1]:
        names.pop()
    known = {column.name.casefold(): column for column in sheet.columns}
    refused = {name.casefold(): (name, why) for name, why in sheet.refused.items()}
    counts = Counter(name.casefold() for name in names if name)
    for name, count in counts.items():
        if count > 1:
            findings.add(1, shown(name), "duplicate_column", f"stands {count} times in the header: keep one")
        if name in refused and name not in known:
            findings.add(1, refused[name][0], "refused_column", f"may not be in this file: {refused[name][1]}")
    for column in sheet.columns:
        if column.needed and column.name.casefold() not in counts:
            findings.add(1, column.name, "missing_column", _missing(column, names))
    ignored = [shown(name) for name in names if name and name.casefold() not in known]
    notices = [f"columns not known here were ignored: {', '.join(ignored[:20])}"] if ignored else []
    if "" in names:
        notices.append("columns without a name were ignored")
    places = tuple((place, known[name.casefold()]) for place, name in enumerate(names) if name.casefold() in known)
    return Layout(columns=places, width=len(names), notices=tuple(notices))


def _missing(column: Column, names: list[str]) -> str:
    if len(names) == 1:
        for separator, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if separator in names[0]:
                return f"is missing: the file is separated by {called}, save it with commas"
    return f"is missing from the header: add it (for example {column.example})"
