"""The registry on real servers with a real Keycloak beside it, and people at real browsers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from hub_deploy.demo.people import here
from hub_deploy.stack.services import ServiceProcess
from hub_deploy.stack.stack import running
from tests.oidc.traveller import Traveller
from tests.support import chromium
from tests.support.browser import person
from tests.support.keycloak import realm, server

SCHOOL = "104715"


@dataclass(frozen=True)
class Site:
    """What runs."""

    registry: ServiceProcess
    keycloak: server.Keycloak


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run both; Jo and Pat are advisers here, Ada and Ben coordinators, and nobody has a password of this site."""
    folder: Path = tmp_path_factory.mktemp("oidc")
    folder.chmod(0o755)
    with running(folder / "stack", durable=False, services=False) as stack:
        registry = stack.registry
        with server.running(folder, registry.url) as provider:
            registry.settings = dict(registry.settings) | {
                "HUB_OIDC_ISSUER": provider.issuer,
                "HUB_OIDC_CLIENT_ID": realm.CLIENT,
                "HUB_OIDC_CLIENT_SECRET": realm.SECRET,
                "HUB_OIDC_AMR": "otp",
                "HUB_OIDC_LABEL": "Sign in with Keycloak",
            }
            registry.start()
            _people(registry)
            yield Site(registry, provider)
            registry.stop()


def _people(registry: ServiceProcess) -> None:
    hub = here(registry.settings)
    hub("create", "Hub", "--slug", "hub")
    for who in (realm.ADA, realm.BEN):
        hub("staff", "add", "--hub", "hub", "--role", "hub", "--name", who.name, "--email", who.email)
    register = registry.folder / "schools.csv"
    register.write_text(f"URN,EstablishmentName,Postcode\n{SCHOOL},A school,L13 5UQ\n")
    hub("schools", "load", str(register), "--hub", "hub")
    for who in (realm.JO, realm.PAT):
        named = ("--name", who.name, "--email", who.email, "--school", SCHOOL)
        hub("staff", "add", "--hub", "hub", "--role", "adviser", *named)


@pytest.fixture(scope="session")
def browser(site: Site) -> Iterator[Browser]:
    """Give a real Chromium, after everything else is up: Playwright holds the thread's event loop."""
    path = chromium.find()
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield made
        made.close()


@pytest.fixture
def travellers(browser: Browser, site: Site) -> Iterator["MakeTraveller"]:
    """Make people at browsers of their own who go to Keycloak and back; our pages are checked as everywhere."""
    with contextlib.ExitStack() as closing:
        yield MakeTraveller(closing, browser, site)


@dataclass(frozen=True)
class MakeTraveller:
    """``travellers()``, ``travellers(javascript=False)``."""

    closing: contextlib.ExitStack
    browser: Browser
    site: Site

    def __call__(self, *, javascript: bool = True) -> Traveller:
        someone = person(self.browser, self.site.registry.url, javascript=javascript, also=(self.site.keycloak.url,))
        return Traveller(self.closing.enter_context(someone))
