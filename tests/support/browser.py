"""A real Chromium at the pages: every page that is visited is checked, whatever the test is about.

Checked on each: axe (WCAG 2.2 AA), violations of the Content-Security-Policy, failing scripts, requests that leave the
site, and the size of the page.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
USUAL_BYTES: Final = 60_000
PAPER: Final = ("/choices/forms", "/letters")
"""Ends of addresses of pages that are printed, a sheet a student: they are as long as the class."""
WIDE: Final = {"width": 1200, "height": 900}
PHONE: Final = {"width": 320, "height": 640}
_AXE: Final = Axe()


@dataclass
class Person:
    """Somebody at a browser of their own; ``faults`` has what was wrong with the pages they saw."""

    page: Page
    base: str
    javascript: bool = True
    faults: list[str] = field(default_factory=list)

    def visit(self, address: str) -> Page:
        """Open a page and look at it."""
        self.page.goto(self.base + address)
        self.look()
        return self.page

    def press(self, name: str, *, exact: bool = False) -> Page:
        """Press a button by its words and look at the page that follows."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()
        self.look()
        return self.page

    def follow(self, name: str, *, exact: bool = False) -> Page:
        """Follow a link by its words and look at the page it leads to."""
        self.page.get_by_role("link", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()
        self.look()
        return self.page

    def look(self) -> None:
        """Check the page as it stands."""
        where = urlsplit(self.page.url).path
        if self.page.get_by_role("heading", level=1).count() != 1:
            self.faults.append(f"{where}: not exactly one heading of level 1")
        if self.javascript:  # axe is a script itself
            self._axe(where)

    def _axe(self, where: str) -> None:
        found = _AXE.run(self.page, options={"runOnly": {"type": "tag", "values": TAGS}})
        for violation in found.response["violations"]:
            nodes = "; ".join(str(node["html"])[:200] for node in violation["nodes"][:3])
            self.faults.append(f"{where}: axe {violation['id']}: {violation['help']}: {nodes}")

    def sign_in(self, name: str) -> Page:
        """Sign in by the demo's door as whoever has these words on their button."""
        self.visit("/sign-in")
        return self.press(name)

    def narrow(self) -> None:
        """Look at the page on a phone: nothing may need scrolling sideways."""
        if not self.javascript:
            return
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            self.faults.append(f"{urlsplit(self.page.url).path}: {overflow} px too wide at {PHONE['width']} px")
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def _is_paper(url: str) -> bool:
    return urlsplit(url).path.endswith(PAPER)


@contextmanager
def person(browser: Browser, base: str, *, javascript: bool = True, also: Sequence[str] = ()) -> Iterator[Person]:
    """Give somebody a browser profile of their own; fails when any page they saw had a fault.

    ``also`` are sites that they may go to besides ours; those are not ours to check.
    """
    context = browser.new_context(viewport=WIDE, java_script_enabled=javascript, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    someone = Person(page, base, javascript)
    hosts = {urlsplit(one).netloc for one in (base, *also)}
    ours = urlsplit(base).netloc

    def is_ours() -> bool:
        return urlsplit(page.url).netloc in ("", ours)

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and is_ours() and "Failed to load resource" not in message.text:
            someone.faults.append(f"{page.url}: console: {message.text}")

    def script(error: Error) -> None:
        if is_ours():
            someone.faults.append(f"{page.url}: script: {error}")

    def request(asked: Request) -> None:
        parts = urlsplit(asked.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc not in hosts:
            someone.faults.append(f"{page.url}: a request leaves the site: {asked.url}")

    def answered(answer: Response) -> None:
        if urlsplit(answer.url).netloc in hosts - {ours}:
            return
        said = answer.headers.get("content-length", "0")
        usual = answer.headers.get("content-type", "").startswith("text/html") and not _is_paper(answer.url)
        if usual and int(said) > USUAL_BYTES:
            someone.faults.append(f"{answer.url}: {int(said):,} bytes of HTML")
        if answer.status >= 500:
            someone.faults.append(f"{answer.url}: status {answer.status}")

    page.on("console", console)
    page.on("pageerror", script)
    page.on("request", request)
    page.on("response", answered)
    try:
        yield someone
    finally:
        context.close()
    assert someone.faults == [], "\n".join(dict.fromkeys(someone.faults))
