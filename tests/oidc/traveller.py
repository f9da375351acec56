"""Somebody who signs in with Keycloak: our button, its form, and back."""

import time
from dataclasses import dataclass

import pyotp
from playwright.sync_api import Page

from tests.support.browser import Person
from tests.support.keycloak.realm import OTP_SECRET, PASSWORD, There

LABEL = "Sign in with Keycloak"


@dataclass(frozen=True)
class Traveller:
    """Somebody on the way."""

    at: Person

    @property
    def page(self) -> Page:
        """What they see."""
        return self.at.page

    def go_there(self, address: str = "/") -> None:
        """Open a page of ours, be sent to sign in, and follow the button to Keycloak."""
        self.at.visit(address)
        self.at.narrow()
        self.page.get_by_role("button", name=LABEL).click()
        self.page.wait_for_load_state()

    def say_who(self, who: There, *, password: str = PASSWORD) -> None:
        """Fill in Keycloak's form, and show a code there if that person has them."""
        self.page.locator("#username").fill(who.email.partition("@")[0])
        self.page.locator("#password").fill(password)
        self.page.locator("#kc-login").click()
        if who.has_codes:
            code = pyotp.TOTP(_base32(OTP_SECRET)).at(int(time.time()))
            self.page.locator("#otp").fill(code)
            self.page.locator("#kc-login").click()
        self.page.wait_for_url(f"{self.at.base}/**")
        self.page.wait_for_load_state()
        self.at.look()

    def sign_in(self, who: There, address: str = "/") -> None:
        """There and back."""
        self.go_there(address)
        self.say_who(who)

    @property
    def path(self) -> str:
        """Where they are, without the host."""
        return self.page.url.removeprefix(self.at.base)

    @property
    def heading(self) -> str:
        """What the page is called."""
        return self.page.get_by_role("heading", level=1).inner_text()


def _base32(secret: str) -> str:
    import base64

    return base64.b32encode(secret.encode()).decode().rstrip("=")
