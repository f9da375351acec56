"""A class's choices at once: typed in, as a spreadsheet, on paper."""

import csv
import io
from html import unescape
from typing import Any

import pytest

from tests.integration.registry.world import SCHOOL_B, csv_of
from tests.integration.registry_rounds.builder import RoundWorld
from tests.integration.registry_web.advisers import adviser
from tests.integration.registry_web.test_choices_pages import ranked
from tests.support.visitor import Visitor


def places(visitor: Visitor) -> dict[str, int]:
    """The row of each student on the page, by MIS id."""
    body = visitor.form()[1]
    ids = [part.split('"')[0] for part in body.split('name="mis_id" value="')[1:]]
    return {mis_id: at for at, mis_id in enumerate(ids)}


async def type_in(visitor: Visitor, **cells: str) -> None:
    """Send the open page's table as it stands, with some cells (``_1001_2``) changed."""
    body = visitor.form()[1]
    fields: dict[str, Any] = {"mis_id": list(places(visitor))}
    for at in range(len(fields["mis_id"])):
        for number in range(1, 7):
            fields[f"c{at}-{number}"] = unescape(body.split(f'name="c{at}-{number}" value="')[1].split('"')[0])
    for cell, text in cells.items():
        _, mis_id, place = cell.split("_")
        fields[f"c{places(visitor)[mis_id]}-{place}"] = text
    await visitor.send(fields)


async def test_class_is_typed_in_on_one_page(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open("/choices/class?year=10")
        await type_in(ann, _1001_1="S-GAMES", _1001_2="S-WEB", _1002_2="S-WEB = S-GAMES")
        assert "Kept: the choices of 2 students." in ann.page.text
        assert await ranked(rounds, "1001") == [("S-GAMES", 1), ("S-WEB", 2)]
        assert await ranked(rounds, "1002") == [("S-GAMES", 1), ("S-WEB", 1)]
        await rounds.execute("UPDATE preference SET rank = 1")
        await type_in(ann, _1003_1="S-WEB")
        assert "Kept: the choices of 1 student." in ann.page.text
        assert await ranked(rounds, "1001") == [("S-GAMES", 1), ("S-WEB", 1)]
    assert len(await rounds.facts("PreferencesSubmitted")) == 2


async def test_wrong_codes_are_told_at_their_fields_and_nothing_is_kept(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open("/choices/class")
        at = places(ann)["1001"]
        await type_in(ann, _1001_1="S-GAMES", _1001_2="<b>NO</b>", _1001_3="S-GAMES", _1002_1="S-WEB=S-WEB")
        assert ann.page.status_code == 422
        assert "Names a slot twice" in ann.page.text
        await type_in(ann, _1002_1="S-WEB")
        assert "published slot &lt;b&gt;NO&lt;/b&gt;" in ann.page.text
        assert f'href="#c{at}-2"' in ann.page.text
        assert "S-GAMES is chosen before in this row" in ann.page.text
        assert await ranked(rounds, "1001") == []
        await type_in(ann, _1001_2="", _1001_3="")
        assert await ranked(rounds, "1001") == [("S-GAMES", 1)]
        assert await ranked(rounds, "1002") == [("S-WEB", 1)]


async def test_choices_that_somebody_else_changed_meanwhile_are_shown_beside_ones_own(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann, adviser(rounds.world) as ben:
        await ann.open("/choices/class?preferences=no")
        await ben.open("/choices/class")
        await type_in(ben, _1001_1="S-WEB")
        await type_in(ann, _1001_1="S-GAMES", _1002_1="S-WEB")
        assert ann.page.status_code == 422
        assert "Someone else has changed the choices of 1001 meanwhile" in ann.page.text
        assert "Stored meanwhile: S-WEB. Yours are in the fields." in ann.text()
        assert await ranked(rounds, "1001") == [("S-WEB", 1)]
        assert await ranked(rounds, "1002") == []
        # Changed once more before it is sent again: that is told, too.
        await ben.open("/choices/class")
        await type_in(ben, _1001_1="S-WEB", _1001_2="S-GAMES")
        await type_in(ann)
        assert "Stored meanwhile: S-WEB, S-GAMES." in ann.text()
        await type_in(ann)
        assert "Kept: the choices of 2 students." in ann.page.text
        assert await ranked(rounds, "1001") == [("S-GAMES", 1)]
        assert await ranked(rounds, "1002") == [("S-WEB", 1)]


async def test_sheet_is_handed_out_filled_in_and_taken_back(rounds: RoundWorld) -> None:
    await rounds.open()
    await rounds.submit()
    await rounds.execute("UPDATE student SET mis_id = '=1003' WHERE mis_id = '1003'")
    async with adviser(rounds.world) as ann:
        page = await ann.open("/choices/sheet.csv?year=10")
        rows = list(csv.DictReader(io.StringIO(page.text.lstrip("\ufeff"))))
        assert [(row["mis_id"], row["choice_1"], row["choice_2"], row["choice_3"]) for row in rows] == [
            ("1001", "S-GAMES", "S-WEB", ""),
            ("'=1003", "", "", ""),
            ("1002", "S-GAMES", "S-WEB", ""),
        ]
        rows[0].update(choice_1="S-WEB", choice_2="")
        rows[1].update(choice_1="S-WEB=S-GAMES")
        rows[2].update(choice_1="", choice_2="")
        await ann.open("/choices/sheet")
        await ann.send(action="/choices/sheet", files={"file": ("c.csv", csv_of(*rows), "text/csv")})
        assert "Kept: the choices of 2 students. 1 rows had none" in ann.page.text
    assert await ranked(rounds, "1001") == [("S-WEB", 1)]
    assert await ranked(rounds, "=1003") == [("S-GAMES", 1), ("S-WEB", 1)]
    assert await ranked(rounds, "1002") == [("S-GAMES", 1), ("S-WEB", 2)]
    assert await ranked(rounds, "2001") == [("S-WEB", 1)]


async def test_errors_of_a_sheet_name_row_and_column(rounds: RoundWorld) -> None:
    await rounds.open()
    wrong = csv_of(
        {"mis_id": "1001", "choice_1": "S-GAMES", "choice_2": "S-GAMES"},
        {"mis_id": "2001", "choice_1": "S-WEB", "choice_2": ""},
        {"mis_id": "1002", "choice_1": "NONE", "choice_2": ""},
    )
    async with adviser(rounds.world) as ann:
        await ann.open("/choices/sheet")
        await ann.send(action="/choices/sheet", files={"file": ("c.csv", wrong, "text/csv")})
        assert ann.page.status_code == 422
        for told in (
            "2 choice_2 S-GAMES is chosen before in this row",
            "3 mis_id the school has no student 2001",
            "4 choice_1 the programme has no published slot NONE",
        ):
            assert told in ann.text(), told
        await ann.send(action="/choices/sheet")
        assert "Choose a file that is not empty" in ann.page.text
    assert await ranked(rounds, "1001") == []


async def test_after_the_deadline_nothing_is_taken(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open("/choices/sheet")
        sheet = ann.page
        await ann.open("/choices/class")
        typed = ann.page
        await rounds.execute("UPDATE round SET closes_at = now() - interval '1 minute', opens_at = NULL")
        ann.page = sheet
        rows = csv_of({"mis_id": "1001", "choice_1": "S-WEB"})
        await ann.send(action="/choices/sheet", files={"file": ("c.csv", rows, "text/csv")})
        assert ann.page.status_code == 409
        ann.page = typed
        await type_in(ann, _1001_1="S-WEB")
        assert ann.page.status_code == 409
        await ann.open("/choices/class")
        assert "takes no changes now" in ann.text()
    assert await ranked(rounds, "1001") == []


async def test_paper_has_a_form_for_each_student_and_the_codes(rounds: RoundWorld) -> None:
    await rounds.open()
    async with adviser(rounds.world) as ann:
        await ann.open("/choices/forms?year=10")
        assert ann.page.text.count('class="hub-letter hub-page-break"') == 3
        assert "Zoë Lunt, Year 10" in ann.text()
        await ann.open("/choices/codes")
        assert "S-WEB A week making web pages, Tern Tide Games Studio (invented)" in ann.text()


@pytest.mark.parametrize("path", ["class", "forms", "sheet.csv"])
async def test_only_the_own_school_is_shown(rounds: RoundWorld, path: str) -> None:
    await rounds.open()
    async with adviser(rounds.world, SCHOOL_B) as ben:
        await ben.open(f"/choices/{path}")
        assert "2001" in ben.page.text
        assert "Zoë" not in ben.page.text
