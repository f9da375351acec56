"""The pages' pure rules: addresses to go on to, words, forms."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from hub_registry.errors import ForgedForm, Invalid
from hub_registry.web import csrf, words
from hub_registry.web.forms import Errors, Form
from hub_registry.web.headers import INLINE
from hub_registry.web.page import environment
from hub_registry.web.signing_in.addresses import own_page


@pytest.mark.parametrize("asked", ["/", "/students?school=1", "/rounds/1#results"])
def test_own_pages_are_gone_on_to(asked: str) -> None:
    assert own_page(asked) == asked


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "javascript:alert(1)", "evil.example", "", "/sign-out", "/sign-in?next=/", "/\r\nSet-Cookie: a=b",
    ],
)  # fmt: skip
def test_other_addresses_lead_home(asked: str) -> None:
    assert own_page(asked) == "/"


@pytest.mark.parametrize("sent", ["", "x", "é", "\ufffd", "\u2028"])
def test_a_forms_token_that_is_not_ours_is_refused_whatever_it_is_made_of(sent: str) -> None:
    csrf.must_match("secret", csrf.token("secret"))
    with pytest.raises(ForgedForm):
        csrf.must_match("secret", sent)


def test_words_of_figures_and_times() -> None:
    assert [words.ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th",
    ]  # fmt: skip
    assert words.moment(datetime(2027, 6, 11, 16, 0, tzinfo=UTC)) == "Friday 11 June 2027 at 5:00pm"
    assert words.weekday(date(2027, 6, 11)) == "Friday 11 June 2027"
    assert [said(None) for said in (words.moment, words.day, words.weekday)] == ["", "", ""]
    assert words.days("2027-06-28/2027-07-02;2027-07-05") == "28 June to 2 July 2027, 5 July 2027"
    assert (words.plural(1, "student"), words.plural(2100, "student")) == ("1 student", "2,100 students")


def test_no_filter_is_there_that_no_template_uses() -> None:
    templates = Path(words.__file__).with_name("templates").rglob("*.html")
    used = {name for one in templates for name in re.findall(r"\|\s*(\w+)", one.read_text())}
    assert set(words.FILTERS) <= used


class Asked(BaseModel):
    capacity: int = Field(ge=1)
    title: str
    years: list[int] = []


def test_form_is_read_by_a_model_and_says_what_is_wrong_at_each_field() -> None:
    form = Form.of(FormData([("capacity", " 4 "), ("title", "Games"), ("years", "10"), ("years", "11"), ("x", "")]))
    assert form.read(Asked, lists=("years",)) == Asked(capacity=4, title="Games", years=[10, 11])
    with pytest.raises(Invalid) as refused:
        Form.of(FormData([("capacity", "four"), ("title", " ")])).read(Asked)
    errors = Errors.of(refused.value)
    assert errors["capacity"] == {"text": "Enter a whole number"}
    assert errors["title"] == {"text": "Enter this: it is needed"}
    assert [one["href"] for one in errors.summary] == ["#capacity", "#title"]
    with pytest.raises(Invalid) as named:
        Form.of(FormData([("capacity", "4")])).read(Asked, labels={"title": "Title of the slot"})
    assert Errors.of(named.value).summary == [{"text": "Title of the slot: enter this, it is needed", "href": "#title"}]


def test_the_one_inline_script_is_the_templates_own() -> None:
    source, _, _ = environment().loader.get_source(environment(), "govuk_frontend_jinja/template.html")  # type: ignore[union-attr]
    assert source.count("<script") == 1
    assert f">{INLINE}</script>" in source
