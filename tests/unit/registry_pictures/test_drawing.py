"""What is drawn: the same order for the same picture, names that can't break out, colours that can be seen."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from hub_registry.pictures import look, ranks
from hub_registry.pictures.drawing import named, order
from hub_registry.pictures.model import Width, share

HOSTILE = """<script>alert('1')</script>" onload="x' & ]]> \u2028"""


def test_order_is_one_line_and_the_same_for_the_same_picture() -> None:
    picture = replace(ranks.tell({1: 5}, unplaced=0), title=f"{HOSTILE}\n")
    assert order(picture, Width.WIDE) == order(picture, Width.WIDE)
    assert order(picture, Width.WIDE) != order(picture, Width.NARROW)
    assert len(order(picture, Width.WIDE).splitlines()) == 1


def test_names_stay_words_in_the_svg() -> None:
    svg = named('<svg xmlns="http://www.w3.org/2000/svg" width="1"><g/></svg>', HOSTILE, HOSTILE)
    root = ElementTree.fromstring(svg)  # noqa: S314 -- our own
    assert [child.tag.partition("}")[2] for child in root] == ["title", "desc", "g"]
    assert root[0].text == root[1].text == HOSTILE
    assert set(root.attrib) == {"width", "role", "aria-label"}


@pytest.mark.parametrize("colour", [look.INK, look.GREY, look.BLUE, look.ORANGE, look.TEAL, look.PURPLE])
def test_colour_stands_out_from_paper(colour: str) -> None:
    assert 1.05 / (_luminance(colour) + 0.05) >= 3


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 9, "0%"), (1, 2, "50%"), (1, 1000, "under 1%"), (999, 1000, "over 99%"), (3, 3, "100%")],
)
def test_share_never_says_none_or_all_of_what_is_not(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said
