"""An adviser finds placements for a student and orders them, with buttons alone and with JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import AsPerson

pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("javascript", [True, False])
def test_adviser_chooses_and_orders_placements_for_a_student(people: AsPerson, javascript: bool) -> None:
    adviser = people(javascript=javascript)
    adviser.sign_in("Careers adviser")
    page = adviser.visit("/students")
    # Each way of the test has a student of its own.
    page.locator("main table tbody a").nth(0 if javascript else 1).click()
    adviser.follow("Find placements")
    for _ in range(2):
        adviser.press("Add")
        expect(page.get_by_text("Added as the last choice.")).to_be_visible()
    student = page.url.partition("/slots")[0].removeprefix(adviser.base)
    adviser.visit(f"{student}/choices")
    first = page.locator("main table tbody tr").nth(0).get_attribute("data-slot")
    page.locator("main table tbody tr").nth(1).get_by_role("button", name="Up").click()
    expect(page.get_by_text("Moved up.")).to_be_visible()
    adviser.look()
    rows = page.locator("main table tbody tr")
    assert rows.nth(1).get_attribute("data-slot") == first
    adviser.narrow()
