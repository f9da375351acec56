"""A coordinator runs, follows, approves with a colleague and publishes without leaving the browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.sharing import Description
from tests.web.conftest import AsPerson

pytestmark = pytest.mark.timeout(900)
SOLVED_MS = 120_000


def test_run_is_started_followed_approved_by_two_and_published_in_the_browser(
    people: AsPerson, site: Description
) -> None:
    ada, ben = people(), people()
    ada.sign_in("Ada Coordinator, Web")
    page = ada.visit(f"/rounds/{site['round_id']}/runs")
    ada.press("Start a run with the round’s policy")
    run = page.url.removeprefix(ada.base).partition("?")[0]
    expect(page.get_by_text("median journey, one way")).to_be_visible(timeout=SOLVED_MS)
    ada.look()
    ada.narrow()

    ada.follow("Approve this run")
    ada.press("Approve this run")
    assert page.get_by_role("alert").get_by_role("link").count() >= 2, "pages not opened and a comment are asked for"
    for part in ("groups", "unplaced", "explanations"):
        ada.visit(f"{run}/{part}")
    _approve(ada.visit(f"{run}/approve"))
    ada.press("Approve this run")
    expect(page.get_by_text("1 of 2 approvals")).to_be_visible()

    ben.sign_in("Ben Coordinator, Web")
    for part in ("", "/groups", "/unplaced", "/explanations"):
        ben.visit(f"{run}{part}")
    _approve(ben.visit(f"{run}/approve"))
    assert ben.page.get_by_text("Approved by Ada Coordinator").is_visible()
    ben.press("Approve this run")
    ben.follow("Publish this run")
    assert ben.page.get_by_text("Another run stands now").is_visible()
    ben.press("Publish, in the place of what stands")
    ben.visit(run)
    expect(ben.page.get_by_text("This run stands since")).to_be_visible()


def _approve(page: Page) -> None:
    page.get_by_label("What your approval rests on").fill("Groups and the reasons of ten students looked at")
    page.get_by_label("I have looked at these pages").check()


def test_round_is_closed_and_what_is_missing_is_shown_first_without_javascript(
    people: AsPerson, site: Description
) -> None:
    ada = people(javascript=False)
    ada.sign_in("Ada Coordinator, Web")
    page = ada.visit(f"/rounds/{site['second_round_id']}")
    ada.press("See what is missing")
    assert page.get_by_role("heading", level=1).is_visible()
