"""Every kind of page that can be reached by links, as each role, in a real browser: axe, the policy, 320 pixels."""

import pytest

from tests.support.exploring import explore
from tests.support.sharing import Description
from tests.web.conftest import AsPerson

pytestmark = pytest.mark.timeout(900)

LEAST = {"Ada Coordinator, Web": 35, "Careers adviser": 12, "Host at": 8}
"""Kinds of page that must be found at the very least, lest a broken link hides the rest."""


@pytest.mark.parametrize("name", LEAST)
def test_every_page_is_accessible_and_fits_a_phone(people: AsPerson, site: Description, name: str) -> None:
    someone = people()
    someone.sign_in(name)

    def visit(address: str) -> str | None:
        answer = someone.page.goto(someone.base + address)
        if answer is None or answer.status >= 400 or "text/html" not in answer.headers.get("content-type", ""):
            someone.faults.append(f"{address}: a link leads to status {answer and answer.status}")
            return None
        someone.look()
        someone.narrow()
        return someone.page.content()

    # One page of each kind is visited: that of the round which is open leads to no runs.
    begin = ("/", f"/rounds/{site['round_id']}/runs", f"/runs/{site['run_id']}") if name.startswith("Ada") else ("/",)
    found = explore(visit, begin)
    assert len(found) >= LEAST[name], sorted(found)
