"""Signing in and out in a real browser, as each role, with and without JavaScript."""

import pytest

from tests.web.conftest import AsPerson

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("name", ["Ada Coordinator", "Careers adviser"])
def test_each_role_signs_in_with_one_click_and_out(people: AsPerson, name: str, javascript: bool) -> None:
    someone = people(javascript=javascript)
    page = someone.sign_in(name)
    assert page.url.endswith("/")
    someone.narrow()
    page = someone.press("Sign out")
    assert page.get_by_text("You have signed out.").is_visible()


def test_keyboard_alone_reaches_the_content_and_signs_in(people: AsPerson) -> None:
    someone = people()
    page = someone.visit("/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.get_by_role("button", name="Ada Coordinator").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(someone.base + "/")
    someone.look()


def test_address_that_is_nowhere_is_a_page(people: AsPerson) -> None:
    page = people().visit("/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Page not found"
