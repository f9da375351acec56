"""The figures of earlier runs, one line each, in committed files: what got better, what got worse, since when."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

from tests.bench.figures import Figure, Yardstick
from tests.bench.host import Host

FOLDER: Final = Path(__file__).parent / "history"
_FIGURE: Final = ("figure", "value", "unit", "asked", "yardstick", "yardstick_value")
HEADINGS: Final = (*(field.name for field in fields(Host)), *_FIGURE)


def append(bench: str, host: Host, figures: Sequence[Figure], *, folder: Path = FOLDER) -> Path:
    """Add a run's figures to a bench's history; gives its file."""
    file = folder / f"{bench}.csv"
    new = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, HEADINGS, lineterminator="\n")
        if new:
            writer.writeheader()
        for each in figures:
            writer.writerow({**asdict(host), **_cells(each)})
    return file


def runs(bench: str, *, folder: Path = FOLDER) -> list[tuple[Host, list[Figure]]]:
    """Read a bench's history, oldest run first; empty where it never ran."""
    file = folder / f"{bench}.csv"
    if not file.exists():
        return []
    found: dict[Host, list[Figure]] = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(_host(row), []).append(_figure(row))
    return list(found.items())


def _cells(figure: Figure) -> dict[str, str]:
    beside = figure.beside
    values = (figure.name, f"{figure.value:.6g}", figure.unit, figure.asked)
    return dict(zip(_FIGURE, (*values, *((beside.name, f"{beside.value:.6g}") if beside else ("", ""))), strict=True))


def _host(row: dict[str, str]) -> Host:
    cores, memory, load = int(row["cores"]), int(row["memory_gb"]), float(row["load"])
    return Host(row["at"], row["commit"], cores, memory, load, row["system"], row["python"])


def _figure(row: dict[str, str]) -> Figure:
    beside = Yardstick(row["yardstick"], float(row["yardstick_value"])) if row["yardstick"] else None
    return Figure(row["figure"], float(row["value"]), row["unit"], row["asked"], beside)
