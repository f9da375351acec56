"""A figure of a bench: what was measured, what was measured beside it in the same run, and what is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Yardstick:
    """What the same machine does in the same minutes without our code; in the unit of the figure it stands beside."""

    name: str
    value: float


@dataclass(frozen=True)
class Figure:
    """One line of a bench's table; ``asked`` is what the project wants of itself, in words."""

    name: str
    value: float
    unit: str
    asked: str = ""
    beside: Yardstick | None = None

    @property
    def said(self) -> str:
        """The value with its unit."""
        return with_unit(self.value, self.unit)

    @property
    def wanted(self) -> str:
        """What was asked, and whether it wasn't reached; an asked figure begins with ≤ and is in this one's unit."""
        limit = self.asked.removeprefix("≤ ").partition(" ")[0]
        return f"{self.asked}, not reached" if self.asked and self.value > float(limit) else self.asked

    @property
    def ratio(self) -> float | None:
        """Ours divided by the yardstick's."""
        return self.value / self.beside.value if self.beside and self.beside.value else None


def with_unit(value: float, unit: str) -> str:
    """Say a value as people read it: thousands without decimals."""
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}" if value >= 1 else f"{value:.2f} {unit}"


def show(console: Console, title: str, figures: Sequence[Figure]) -> None:
    """Print figures as a table; a column that none of them fills is left out."""
    table = Table(title=title, title_justify="left")
    beside, asked = any(each.beside for each in figures), any(each.asked for each in figures)
    table.add_column("what")
    table.add_column("measured", justify="right")
    for wanted, heading in ((beside, "beside it"), (beside, ""), (beside, "ratio"), (asked, "wanted")):
        if wanted:
            table.add_column(heading, justify="left" if heading in {"beside it", "wanted"} else "right")
    for each in figures:
        cells = [each.name, each.said]
        if beside:
            cells += [each.beside.name, with_unit(each.beside.value, each.unit)] if each.beside else ["", ""]
            cells.append("" if each.ratio is None else f"{each.ratio:.2f}")
        table.add_row(*cells, *([each.wanted] if asked else []))
    console.print(table)
