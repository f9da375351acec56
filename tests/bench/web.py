"""`make bench-web`: how long pages take at region scale while 50 people look, beside a trivial page in the same run.

The pages are found by following links from each role's home, one address of each kind. A person looks, reads for a
while, and looks at the next: 30 advisers, 15 people of employers, 5 coordinators. Then one adviser brings in 20 000
students (``web_upload``). Nothing here fails for being slow.

python -m tests.bench.web [--scale region|pilot] [--only-upload]
"""

import argparse
import asyncio
import csv
import json
import platform
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Final

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from hub_deploy.demo.people import found_hub, here
from hub_deploy.demo.story import Story
from hub_deploy.sample import Scale, generate, uploads
from hub_deploy.stack.stack import running
from tests.bench import web_upload
from tests.support.exploring import explore, kind_of
from tests.support.stacks import screen

PEOPLE: Final[Mapping[str, int]] = {"adviser": 30, "employer": 15, "hub": 5}
WANTED_MS: Final[Mapping[str, int]] = {"adviser": 150, "employer": 150, "hub": 400}
LOOKS: Final = 24
READS_S: Final = 2.0
"""How long a person reads a page before the next, on average."""
ARRIVING_S: Final = 20.0
"""All have come within this time."""
TRIVIAL: Final = "/accessibility"


@dataclass
class Site:
    """The running registry, and one page of each kind for each role."""

    url: str
    people: Mapping[str, list[str]]
    pages: dict[str, dict[str, str]] = field(default_factory=dict)
    """By role: address by kind (the path with ids left out)."""


async def client_of(site: Site, staff_id: str) -> httpx.AsyncClient:
    """Sign somebody in by the demo's door."""
    client = httpx.AsyncClient(base_url=site.url, timeout=60, follow_redirects=True)
    door = await client.get("/sign-in")
    (await client.post("/sign-in/demo", data=at_the_door(door, staff_id))).raise_for_status()
    return client


def at_the_door(door: httpx.Response, staff_id: str) -> dict[str, str]:
    """What the demo's button sends."""
    token = door.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return {"staff_id": staff_id, "next": "/", "csrf_token": token}


def explored(site: Site, role: str) -> dict[str, str]:
    """Follow links from a role's home; one address of each kind of page."""
    with httpx.Client(base_url=site.url, timeout=60, follow_redirects=True) as client:
        fields = at_the_door(client.get("/sign-in"), site.people[role][0])
        client.post("/sign-in/demo", data=fields).raise_for_status()

        def visit(address: str) -> str | None:
            answer = client.get(address)
            is_page = answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
            return answer.text if is_page else None

        return explore(visit)


async def person(site: Site, role: str, staff_id: str, chance: random.Random) -> list[tuple[str, float]]:
    """Look at pages in random order, with pauses; gives kind and milliseconds of each look."""
    await asyncio.sleep(chance.uniform(0, ARRIVING_S))
    client = await client_of(site, staff_id)
    took: list[tuple[str, float]] = []
    for look in range(LOOKS):
        await asyncio.sleep(chance.uniform(0, 2 * READS_S))
        address = TRIVIAL if look % 6 == 5 else chance.choice(list(site.pages[role].values()))
        began = time.perf_counter()
        answer = await client.get(address)
        kind = TRIVIAL if address == TRIVIAL else kind_of(address)
        if answer.status_code == 200:
            took.append((kind, 1000 * (time.perf_counter() - began)))
    await client.aclose()
    return took


async def measure(site: Site) -> dict[str, dict[str, list[float]]]:
    """Let everybody look at once; milliseconds by role and kind."""
    for role in PEOPLE:
        site.pages[role] = explored(site, role) if site.people[role] else {}
    crowd = [(role, number) for role, many in PEOPLE.items() if site.people[role] for number in range(many)]
    chance = random.Random(7)  # noqa: S311 -- who looks at what, the same in every run
    everybody = await asyncio.gather(
        *(person(site, role, site.people[role][number % len(site.people[role])], chance) for role, number in crowd)
    )
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (role, _), looks in zip(crowd, everybody, strict=True):
        for kind, ms in looks:
            found["anybody" if kind == TRIVIAL else role][kind].append(ms)
    return found


def p95(values: Sequence[float]) -> float:
    """95th percentile; the largest of a few."""
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def show(console: Console, found: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, float]:
    """Print each kind of page, slowest first, and each role together; gives the roles' 95th percentiles."""
    title = f"{sum(PEOPLE.values())} people at once, milliseconds"
    table = Table("who", "page", "looks", "median", "95 %", "wanted", title=title)
    totals = {}
    for role in ("anybody", *PEOPLE):
        kinds = found.get(role, {})
        for kind, values in sorted(kinds.items(), key=lambda item: -p95(item[1])):
            middle = sorted(values)[len(values) // 2]
            table.add_row(role, kind, str(len(values)), f"{middle:.0f}", f"{p95(values):.0f}", "")
        if together := [ms for values in kinds.values() for ms in values]:
            totals[role] = p95(together)
            wanted = f"≤ {WANTED_MS[role]}" if role in WANTED_MS else ""
            middle = sorted(together)[len(together) // 2]
            table.add_row(role, "all", str(len(together)), f"{middle:.0f}", f"{totals[role]:.0f}", wanted, style="bold")
    console.print(table)
    return totals


async def upload(console: Console, site: Site, folder: Path) -> dict[str, float]:
    """Measure a large file beside the trivial page."""
    with next(iter(sorted((folder / "students").glob("*.csv")))).open(newline="", encoding="utf-8") as file:
        content = web_upload.many(list(csv.DictReader(file)))
    adviser, coordinator = (
        await client_of(site, site.people["adviser"][0]),
        await client_of(site, site.people["hub"][0]),
    )
    with httpx.Client(base_url=site.url, timeout=60, follow_redirects=True, cookies=adviser.cookies) as http:
        sender = web_upload.Sender(http, content)
        parts = await web_upload.measure(sender, coordinator, TRIVIAL)
    await adviser.aclose()
    await coordinator.aclose()
    return web_upload.show(console, parts, sender)


def people_of(page: str) -> dict[str, list[str]]:
    """Read from the sign-in page who there is to be, by role."""
    found: dict[str, list[str]] = {role: [] for role in PEOPLE}
    role = ""
    words = {"coordinator": "hub", "adviser": "adviser", "employer": "employer", "operator": ""}
    for heading, staff_id in re.findall(r'<h3[^>]*>([^<]*)</h3>|name="staff_id" value="([^"]+)"', page):
        if heading:
            role = next((role for word, role in words.items() if word in heading), "")
        elif role:
            found[role].append(staff_id)
    return found


def main() -> None:
    """Bring a region up, play a round, let people look, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=Scale, default=Scale.REGION, choices=list(Scale))
    parser.add_argument("--only-upload", action="store_true", help="leave the fifty people out")
    asked = parser.parse_args()
    scale = asked.scale
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        uploads.write(generate(scale), folder / "uploads")
        with running(folder / "stack") as stack:
            coordinators = found_hub(here(stack.registry.settings), stack.registry.url, name="Region", slug="region")
            console.print(f"playing a round ({scale}) ...")
            Story(stack.registry.url, screen(), coordinators, scale, patience_s=600).tell(folder / "uploads")
            people = people_of(httpx.get(f"{stack.registry.url}/sign-in").text)
            site = Site(stack.registry.url, people)
            totals = {} if asked.only_upload else show(console, asyncio.run(measure(site)))
            beside = asyncio.run(upload(console, site, folder / "uploads"))
    machine = {"machine": platform.platform(), "cores": psutil.cpu_count(), "load": psutil.getloadavg()[0]}
    print(json.dumps({**machine, "scale": scale, "p95_ms": totals, "trivial_p95_ms": beside}))


if __name__ == "__main__":
    main()
