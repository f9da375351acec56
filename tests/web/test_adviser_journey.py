"""An adviser finds placements for a student and orders them, with buttons alone and with JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Person
from tests.web.conftest import AsPerson

pytestmark = pytest.mark.timeout(900)


def _with_two_choices(adviser: Person, *, student: int) -> Page:
    """Sign in, add two placements for a student of the list, and open the choices; tests share no student."""
    adviser.sign_in("Careers adviser")
    page = adviser.visit("/students")
    page.locator("main table tbody a").nth(student).click()
    adviser.follow("Find placements")
    for _ in range(2):
        adviser.press("Add")
        expect(page.get_by_text("Added as the last choice.")).to_be_visible()
    address = page.url.partition("/slots")[0].removeprefix(adviser.base)
    return adviser.visit(f"{address}/choices")


@pytest.mark.parametrize("javascript", [True, False])
def test_adviser_chooses_and_orders_placements_for_a_student(people: AsPerson, javascript: bool) -> None:
    adviser = people(javascript=javascript)
    page = _with_two_choices(adviser, student=0 if javascript else 1)
    first = page.locator("main table tbody tr").nth(0).get_attribute("data-slot")
    page.locator("main table tbody tr").nth(1).get_by_role("button", name="Up").click()
    expect(page.get_by_text("Moved up.")).to_be_visible()
    adviser.look()
    rows = page.locator("main table tbody tr")
    assert rows.nth(1).get_attribute("data-slot") == first
    adviser.narrow()


@pytest.mark.parametrize("javascript", [True, False])
def test_who_orders_by_keyboard_stays_at_the_choice_that_was_moved(people: AsPerson, javascript: bool) -> None:
    adviser = people(javascript=javascript)
    page = _with_two_choices(adviser, student=2 if javascript else 3)
    page.get_by_role("button", name="Down").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Moved down.")).to_be_visible()
    expect(page.locator(":focus")).to_have_attribute("aria-label", re.compile("^2nd choice: "))
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text("Up")
    adviser.look()


def test_name_of_two_hundred_letters_breaks_and_is_text(people: AsPerson) -> None:
    adviser = people()
    adviser.sign_in("Careers adviser")
    page = adviser.visit("/students/new")
    first, last = "<script>alert(1)</script>", "N" * 200
    for label, value in (
        ("First name", first),
        ("Last name", last),
        ("Id in the school's information system", "L-200"),
        ("Date of birth", "3/11/2011"),
        ("Year group", "10"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Walk").check()
    adviser.press("Save", exact=True)
    student = page.url.removeprefix(adviser.base).partition("?")[0]
    for end in ("", "/edit", "/slots", "/choices", "/leave"):
        adviser.visit(f"{student}{end}")
        assert first in page.content().replace("&lt;", "<").replace("&gt;", ">"), end
        adviser.narrow()
