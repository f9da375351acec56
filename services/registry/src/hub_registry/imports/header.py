"""Which column of a file is which."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
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
    refused = {name.casefold(): (name, why) for name, why in sheet.refused.items()}
    taken = _taken_for([name for name in names if name.casefold() not in refused], sheet, findings)
    known = {column.name.casefold(): column for column in sheet.columns} | taken
    counts = Counter(name.casefold() for name in names if name)
    for name, count in counts.items():
        if count > 1:
            findings.add(1, shown(name), "duplicate_column", f"stands {count} times in the header: keep one")
        if name in refused:
            findings.add(1, refused[name][0], "refused_column", f"may not be in this file: {refused[name][1]}")
    for column in sheet.columns:
        if column.needed and column.name.casefold() not in counts and column not in taken.values():
            findings.add(1, column.name, "missing_column", _missing(column, names))
    if len(findings):
        return Layout(columns=(), width=0, notices=())
    ignored = [shown(name) for name in names if name and name.casefold() not in known]
    notices = [f"columns not known here were ignored: {', '.join(ignored[:20])}"] if ignored else []
    if taken:
        said = {name.casefold(): name for name in names}
        pairs = [f"{shown(said[name])} for {column.name}" for name, column in taken.items()]
        notices.append(f"headings of another system were taken: {', '.join(pairs)}")
    if "" in names:
        notices.append("columns without a name were ignored")
    places = tuple((place, known[name.casefold()]) for place, name in enumerate(names) if name.casefold() in known)
    return Layout(columns=places, width=len(names), notices=tuple(notices))


def _taken_for(names: Sequence[str], sheet: Sheet, findings: Findings) -> dict[str, Column]:
    """Find headings that other systems write for a column that the file does not name itself; two for one are refused.

    Returns:
        Folded heading -> column, in order of the file.
    """
    own = {column.name.casefold() for column in sheet.columns}
    there = own & {name.casefold() for name in names}
    meant = {_plain(alias): column for column in sheet.columns for alias in (column.name, *column.aliases)}
    found: dict[str, list[str]] = defaultdict(list)
    columns: dict[str, Column] = {}
    for name in names:
        column = meant.get(_plain(name))
        if column and column.aliases and name.casefold() not in own and column.name.casefold() not in there:
            found[column.name].append(name)
            columns[name.casefold()] = column
    for column_name, several in found.items():
        if len({name.casefold() for name in several}) > 1:
            listed = " and ".join(f"'{shown(name)}'" for name in several)
            message = f"could be {listed}: leave one of them out, or call the right one {column_name}"
            findings.add(1, column_name, "ambiguous_column", message)
    return columns


def _plain(name: str) -> str:
    return re.sub(r"[\s_.\-]+", " ", name.casefold()).strip()


def _missing(column: Column, names: list[str]) -> str:
    if len(names) == 1:
        for separator, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if separator in names[0]:
                return f"is missing: the file is separated by {called}, save it with commas"
    return f"is missing from the header: add it (for example {column.example})"
