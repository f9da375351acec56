"""`make figures`: writes the documents' tables and pictures of figures from the history.

Each bench's table stands between ``<!-- NAME -->`` and ``<!-- /NAME -->``; what is between them is replaced.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from tests.bench import history_file, history_picture
from tests.bench.figures import Figure, with_unit
from tests.bench.host import Host

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = (ROOT / "README.md", ROOT / "deploy" / "scaling.md")
PICTURES: Final = ROOT / "deploy" / "pictures"
BENCHES: Final = ("bench", "bench-load")
QUIET: Final = 0.7
"""Load below which a bench had the machine to itself."""


def table(host: Host, figures: Sequence[Figure]) -> str:
    """A run as Markdown: where and when, then a row for each figure; columns that nobody fills are left out."""
    beside, asked = any(each.beside for each in figures), any(each.asked for each in figures)
    headings = ["", "measured", *(["beside it, in the same run", "ratio"] if beside else [])]
    headings += ["wanted"] if asked else []
    lines = [_where(host), "", _row(headings), _row(["---", *(["---:"] * (3 if beside else 1)), *["---"] * asked])]
    for each in figures:
        cells = [each.name.strip(), each.said]
        if beside:
            cells += ["", ""]
            if each.beside and each.ratio:
                cells[2:] = [f"{each.beside.name}: {with_unit(each.beside.value, each.unit)}", f"{each.ratio:.2f}"]
        lines.append(_row([*cells, *([each.wanted] if asked else [])]))
    return "\n".join(lines)


def put_in(text: str, bench: str, made: str) -> str:
    """Put a bench's table between its markers; a text without them stays as it is."""
    between = re.compile(rf"(<!-- {bench} -->\n).*?(<!-- /{bench} -->)", re.DOTALL)
    return between.sub(lambda found: f"{found[1]}{made}\n{found[2]}", text)


def _where(host: Host) -> str:
    day: date = datetime.fromisoformat(host.at).date()
    machine = f"{day.day} {day:%B %Y}, {host.cores} cores, {host.memory_gb} GB, {host.system}, Python {host.python}"
    busy = "others used the machine too: load" if host.load >= QUIET else "the machine was quiet: load"
    return f"{machine}, commit {host.commit}; {busy} {host.load:.1f} when it began."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the tables and the pictures."""
    for bench in BENCHES:
        runs = history_file.runs(bench)
        if not runs:
            continue
        for document in DOCUMENTS:
            document.write_text(put_in(document.read_text("utf-8"), bench, table(*runs[-1])), "utf-8")
        (PICTURES / f"{bench}.svg").write_text(history_picture.draw(bench, runs), "utf-8")
        print(f"{bench}: {len(runs)} in the history, the last of {runs[-1][0].at}")


if __name__ == "__main__":
    main()
