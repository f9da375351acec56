"""Which employers look like one."""

from uuid import UUID

import pytest

from hub_registry.doubles.model import Known, compare, plain_name, suspicions


def known(number: int, name: str, postcode: str = "", email: str = "") -> Known:
    return Known(UUID(int=number), name, postcode, email)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tern Tide Ltd", "TERN TIDE LIMITED"),
        ("The Tern & Tide Co.", "Tern and Tide"),
        ("O'Neill's Café", "ONeills Cafe (Liverpool branch)"),
        ("T.T. Games plc", "TT Games"),
    ],
)
def test_names_that_differ_in_form_only_are_the_same(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


def test_name_that_is_only_a_form_of_company_is_still_compared() -> None:
    assert plain_name("The Company Ltd") == "the company ltd"


def test_score_adds_up_with_its_reasons_and_does_not_depend_on_the_order() -> None:
    one = known(1, "Tern Tide Ltd", "L1 8JX", "a@tern.example")
    other = known(2, "Tern Tide", "L1 8JX", "b@tern.example")
    assert compare(one, other) == compare(other, one)
    assert compare(one, other).score == 60 + 25 + 25
    assert compare(one, other).reasons == (
        "the same name",
        "the same postcode",
        "e-mail addresses at the same place",
    )


def test_neighbours_with_other_names_and_mail_for_everybody_are_no_doubles() -> None:
    rows = [known(1, "Tern Tide", "L1 8JX", "tern@gmail.com"), known(2, "Gull Bakery", "L1 8JX", "gull@gmail.com")]
    assert suspicions(rows) == []


def test_slip_of_the_pen_at_the_same_postcode_is_suspected_and_elsewhere_is_not() -> None:
    slip = known(1, "Merseyside Marine Works", "L1 8JX"), known(2, "Merseyside Marine Work", "L1 8JX")
    assert [(pair.one.int, pair.other.int, pair.score) for pair in suspicions(slip)] == [(1, 2, 65)]
    assert suspicions([slip[0], known(2, "Merseyside Marine Work", "WA1 1AA")]) == []


def test_likeliest_come_first_and_the_same_employers_give_the_same_list() -> None:
    rows = [known(3, "Coot"), known(1, "Coot Ltd"), known(2, "Tern", "L1 8JX"), known(4, "Tern Ltd", "L1 8JX")]
    found = suspicions(rows)
    assert [(pair.one.int, pair.other.int) for pair in found] == [(2, 4), (1, 3)]
    assert suspicions(reversed(rows)) == found
