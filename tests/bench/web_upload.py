"""20 000 students brought in by page, while another visitor asks for a trivial page: part of `make bench-web`.

The trivial page is asked for every 50 ms, first with nothing else going on, then while the file is checked, then while
it is taken; all in one run on one server.
"""

import asyncio
import csv
import io
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median, quantiles
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table

ROWS: Final = 20_000
APART_S: Final = 0.05
ALONE_S: Final = 10.0
LONGEST_S: Final = 300.0
LOOK_S: Final = 0.25
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"')
_FIGURE: Final = re.compile(r'data-figure="(?:doing|rows)">([^<]*)')


def many(school: Sequence[Mapping[str, str]], rows: int = ROWS) -> bytes:
    """Make a file of so many students out of a school's: new MIS ids, no UPN, no companion."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(school[0]))
    writer.writeheader()
    new = {"upn": "", "companion_mis_id": ""}
    writer.writerows({**row, **new, "mis_id": f"big{at}"} for at, row in enumerate(islice(cycle(school), rows)))
    return text.getvalue().encode()


@dataclass
class Sender:
    """An adviser at the pages of files, in a thread of their own."""

    http: httpx.Client
    content: bytes
    address: str = ""
    told: set[str] = field(default_factory=set)
    """What the page said of how far it is."""

    def check(self) -> None:
        """Send the file and wait until it is checked."""
        page = self.http.get("/students/upload")
        self._post("/students/upload", page.text, {"file": ("year.csv", self.content, "text/csv")})
        self._until("Check what will change")

    def take(self) -> None:
        """Confirm, and wait until it is in."""
        self._post(self.address, self.http.get(self.address).text, None)
        self._until("Your file is in")

    def _post(self, to: str, page: str, files: Mapping[str, tuple[str, bytes, str]] | None) -> None:
        form = page[page.index('<form method="post"', page.index("<main")) :]
        answer = self.http.post(to, data=dict(_HIDDEN.findall(form.partition("</form>")[0])), files=files)
        answer.raise_for_status()
        self.address = answer.url.path

    def _until(self, title: str) -> None:
        end = time.monotonic() + LONGEST_S
        while title not in (page := self.http.get(self.address).text):
            self.told.add(" ".join(_FIGURE.findall(page)))
            if time.monotonic() > end or "/events" not in page:
                raise RuntimeError(f"{title}: not in {LONGEST_S:.0f} s; {page[page.find('<main') :][:1000]}")
            time.sleep(LOOK_S)


@dataclass(frozen=True)
class Part:
    """One part of the measurement: how long it took, and how long the trivial page took meanwhile."""

    name: str
    seconds: float
    trivial_ms: list[float]

    @property
    def p95_ms(self) -> float:
        """95th percentile of the trivial page."""
        return quantiles(self.trivial_ms, n=20)[-1]


async def measure(sender: Sender, other: httpx.AsyncClient, trivial: str) -> list[Part]:
    """Ask for the trivial page alone, while the file is checked, and while it is taken."""
    return [
        await _part("nothing else", lambda: time.sleep(ALONE_S), other, trivial),
        await _part("a file is checked", sender.check, other, trivial),
        await _part("it is taken", sender.take, other, trivial),
    ]


async def _part(name: str, work: Callable[[], None], other: httpx.AsyncClient, trivial: str) -> Part:
    began = time.perf_counter()
    working = asyncio.create_task(asyncio.to_thread(work))
    took: list[float] = []
    while not working.done() or len(took) < 2:
        asked = time.perf_counter()
        (await other.get(trivial)).raise_for_status()
        took.append(1000 * (time.perf_counter() - asked))
        await asyncio.sleep(max(0.0, APART_S - took[-1] / 1000))
    await working
    return Part(name, time.perf_counter() - began, took)


def show(console: Console, parts: Sequence[Part], sender: Sender) -> dict[str, float]:
    """Print what was measured; gives the 95th percentiles by part."""
    size = f"{ROWS:,} students by page, {len(sender.content) / 1e6:.1f} MB"
    table = Table("meanwhile", "seconds", "trivial page asked", "median ms", "95 % ms", "longest ms", title=size)
    for part in parts:
        figures = (median(part.trivial_ms), part.p95_ms, max(part.trivial_ms))
        table.add_row(part.name, f"{part.seconds:.1f}", str(len(part.trivial_ms)), *(f"{one:.0f}" for one in figures))
    console.print(table)
    console.print(f"progress: {len(sender.told)} different answers seen, such as {sorted(sender.told)[:4]}")
    return {part.name: part.p95_ms for part in parts}
