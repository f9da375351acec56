"""The whole product as processes with a published round in it, and people at real browsers."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from hub_deploy.demo.people import found_hub, here
from hub_deploy.demo.story import Story
from hub_deploy.sample import Scale
from hub_deploy.stack.stack import running
from tests.support import chromium
from tests.support.browser import Person, person
from tests.support.fixtures import open_shared
from tests.support.sharing import Description
from tests.support.stacks import screen, upload_files

SCHOOLS = 2
AsPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Description:
    """The session's stack: ``url``, and ``round_id`` and ``run_id`` of the round that is published,
    ``second_round_id`` of one that is open, ``uploads``,
    and ``fuzzer``: a token of a hub of its own, to be tried with anything.
    """

    @contextlib.contextmanager
    def opened() -> Iterator[Description]:
        folder: Path = tmp_path_factory.mktemp("site")
        upload_files(folder / "uploads", schools=SCHOOLS)
        with running(folder / "stack", durable=False) as stack:
            url = stack.registry.url
            coordinators = found_hub(here(stack.registry.settings), url, name="Web", slug="web")
            story = Story(url, screen(), coordinators, Scale.PILOT, patience_s=120)
            story.tell(folder / "uploads")
            yield {
                "way": "the whole stack",
                "url": url,
                "round_id": story.round_id,
                "run_id": str(story.run["run_id"]),
                "second_round_id": story.open_another(),
                "uploads": str(folder / "uploads"),
                "fuzzer": found_hub(here(stack.registry.settings), url, name="Fuzz", slug="fuzz").first,
            }

    return open_shared(request, "the pages' stack", opened)


@pytest.fixture(scope="module")
def chromium_browser(site: Description) -> Iterator[Browser]:
    """Give a real Chromium, after the site is up and for one module: Playwright holds the thread's event loop."""
    path = chromium.find()  # before Playwright has the thread's loop: it may have to ask Playwright for its own
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def people(chromium_browser: Browser, site: Description) -> Iterator[AsPerson]:
    """Make people at browsers: ``people()``, ``people(javascript=False)``."""
    with contextlib.ExitStack() as closing:

        def make(*, javascript: bool = True) -> Person:
            return closing.enter_context(person(chromium_browser, site["url"], javascript=javascript))

        yield make
