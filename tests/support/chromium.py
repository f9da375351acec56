"""Finds a Chromium for the browser tests: one given, one on the machine, Playwright's own; fetched where there is none.

``python -m tests.support.chromium`` says which it is, fetching Playwright's own if it must.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

GIVEN: Final = "TEST_CHROMIUM"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING: Final = (
    "the browser tests need a Chromium and found none: run\n"
    "    .venv/bin/playwright install --with-deps chromium\n"
    f"or install your system's package (Debian: apt-get install chromium), or name one in {GIVEN}"
)
FETCH_S: Final = 600


class NoChromium(Exception):
    """There is no Chromium here; the text says how to come by one."""


def find() -> str:
    """Path of a Chromium; raises NoChromium."""
    if given := os.environ.get(GIVEN):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = _own()
    if own.exists():
        return str(own)
    raise NoChromium(MISSING)


def _own() -> Path:
    """Where Playwright keeps its own."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def main() -> None:
    """Print the Chromium that the tests will use; fetch Playwright's own first where there is none."""
    try:
        path = find()
    except NoChromium:
        print("No Chromium found: fetching Playwright's own (about 180 MB) ...", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, timeout=FETCH_S)
        try:
            path = find()
        except NoChromium as missing:
            sys.exit(str(missing))
    print(f"Chromium for the browser tests: {path}")


if __name__ == "__main__":
    main()
