"""`make pictures`: the README's pictures of the pages, taken anew in a real Chromium on a pilot's published round."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from hub_deploy.demo.people import found_hub, here
from hub_deploy.demo.story import Story
from hub_deploy.sample import Scale, generate, uploads
from hub_deploy.stack.stack import Stack, running
from tests.support import chromium
from tests.support.stacks import screen

FOLDER: Final = Path("deploy/pictures/pages")
SIZE: Final = {"width": 1100, "height": 800}


@dataclass(frozen=True)
class Shot:
    """One picture: who looks, and the way there: an address, then links to follow by a part of their address."""

    name: str
    who: str
    address: str
    links: tuple[str, ...] = ()


SHOTS: Final = (
    Shot("hub-home", "Ada Coordinator", "/"),
    Shot("run-summary", "Ada Coordinator", "/runs/{run}"),
    Shot("run-pictures", "Ada Coordinator", "/runs/{run}/pictures"),
    Shot("run-recruit", "Ada Coordinator", "/runs/{run}/recruit"),
    Shot("adviser-home", "Careers adviser", "/"),
    Shot("adviser-placements", "Careers adviser", "/students", ("/students/", "/slots")),
    Shot("adviser-results", "Careers adviser", "/results/{round}"),
    Shot("employer-home", "Host at", "/"),
)


@contextmanager
def played() -> Iterator[tuple[Stack, Story]]:
    """Play a pilot's round to its end and keep it up."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        uploads.write(generate(Scale.PILOT), folder / "uploads")
        with running(folder / "stack") as stack:
            hub = found_hub(here(stack.registry.settings), stack.registry.url, name="Liverpool City Region (demo)")
            story = Story(stack.registry.url, screen(), hub, Scale.PILOT)
            story.tell(folder / "uploads")
            story.open_another()
            yield stack, story


def take(page: Page, base: str, shot: Shot, story: Story) -> Path:
    """Sign in, go there, take the picture."""
    page.context.clear_cookies()
    page.goto(f"{base}/sign-in")
    page.get_by_role("button", name=shot.who).first.click()
    page.goto(base + shot.address.format(round=story.round_id, run=story.run["run_id"]))
    for link in shot.links:
        page.locator(f'main a[href*="{link}"]:not([href$="/new"])').last.click()
    page.wait_for_load_state("networkidle")
    path = FOLDER / f"{shot.name}.png"
    page.screenshot(path=path)
    return path


def main() -> None:
    """Take every picture."""
    console = Console()
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = chromium.find()
    console.print("playing a pilot's round ...")
    with played() as (stack, story), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]
        for shot in SHOTS:
            console.print(f"{take(page, stack.registry.url, shot, story)}")
        browser.close()


if __name__ == "__main__":
    main()
