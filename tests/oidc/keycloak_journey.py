"""``make test-oidc``: signing in and out with a real Keycloak in a real Chromium. Not part of ``make test``."""

import re
import time

import pyotp
import pytest

from tests.oidc.conftest import MakeTraveller, Site
from tests.support.keycloak.realm import ADA, BEN, EVE, JO, PAT

pytestmark = pytest.mark.timeout(1800)


@pytest.mark.parametrize("javascript", [True, False])
def test_adviser_signs_in_out_and_in_again(travellers: MakeTraveller, javascript: bool) -> None:
    jo = travellers(javascript=javascript)
    jo.sign_in(JO, "/students?page=1")
    assert jo.path == "/students?page=1"
    jo.at.visit("/account")
    assert "your organisation" in jo.page.locator("main").inner_text()
    jo.at.press("Sign out")
    assert (jo.path, jo.heading) == ("/sign-in/out", "You are still signed in at your organisation")
    jo.at.follow("Sign in again")
    jo.page.get_by_role("button", name="Sign in with Keycloak").click()  # still signed in there: no form
    jo.page.wait_for_url(f"{jo.at.base}/")
    jo.at.press("Sign out")
    jo.page.get_by_role("button", name="Sign out of your organisation too").click()
    jo.page.wait_for_url(f"{jo.at.base}/sign-in")
    jo.at.look()
    jo.go_there()
    assert jo.page.locator("#password").is_visible()  # signed out there too
    jo.say_who(JO)
    assert jo.path == "/"


def test_wrong_password_stays_at_the_provider(travellers: MakeTraveller, site: Site) -> None:
    jo = travellers()
    jo.go_there()
    jo.page.locator("#username").fill("jo")
    jo.page.locator("#password").fill("a guess")
    jo.page.locator("#kc-login").click()
    jo.page.wait_for_load_state()
    assert jo.page.url.startswith(site.keycloak.url)
    jo.at.visit("/")
    assert jo.path.startswith("/sign-in")


def test_coordinator_without_codes_sets_them_up_here_and_shows_one_the_next_time(travellers: MakeTraveller) -> None:
    ada, later = travellers(), travellers()
    ada.sign_in(ADA)
    assert ada.path == "/sign-in/codes"
    secret = re.sub(r"\s", "", re.findall(r"[A-Z2-7]{4}(?:\s?[A-Z2-7]{4}){7}", ada.page.content())[0])
    ada.page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    ada.at.press("Set up")
    assert "recovery codes" in ada.heading.lower()
    ada.page.get_by_role("button").last.click()
    ada.page.wait_for_url(f"{ada.at.base}/")
    later.sign_in(ADA)
    assert later.path == "/sign-in/code"
    later.page.get_by_label("Code", exact=True).fill(
        pyotp.TOTP(secret).at(int(time.time()) + 30)
    )  # the next one: each is good once
    later.at.press("Go on")
    assert later.path == "/"


def test_coordinator_who_showed_a_code_at_the_provider_needs_none_here(travellers: MakeTraveller) -> None:
    ben = travellers()
    ben.sign_in(BEN)
    assert ben.path == "/"
    ben.at.visit("/account")
    assert "your organisation and a code" in ben.page.locator("main").inner_text()


def test_stranger_and_whose_address_is_not_verified_do_not_come_in(travellers: MakeTraveller) -> None:
    for who, words in ((EVE, "no active member of staff here"), (PAT, "checked and yours")):
        someone = travellers()
        someone.sign_in(who)
        assert someone.heading == "You can't sign in yet"
        assert words in someone.page.locator("main").inner_text()
        someone.at.narrow()
        someone.at.visit("/")
        assert someone.path.startswith("/sign-in")


def test_person_is_known_by_name_after_a_new_address_and_a_new_key_of_the_provider(
    travellers: MakeTraveller, site: Site
) -> None:
    first, later = travellers(), travellers()
    first.sign_in(JO)
    site.keycloak.change_address(JO.email, "jo.new@elsewhere.example")
    site.keycloak.sign_with_new_key()
    try:
        later.sign_in(JO)
        assert later.path == "/"
    finally:
        site.keycloak.change_address("jo.new@elsewhere.example", JO.email)


def test_answer_opened_once_more_is_of_no_use(travellers: MakeTraveller) -> None:
    jo = travellers()
    came: list[str] = []
    jo.page.on("request", lambda asked: came.append(asked.url) if "/sign-in/provider/back" in asked.url else None)
    jo.sign_in(JO)
    jo.at.press("Sign out")
    jo.at.visit(came[0].removeprefix(jo.at.base))
    assert jo.heading == "Signing in did not work"
