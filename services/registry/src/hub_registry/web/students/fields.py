"""Fields of a student's form that are put together: boxes and another, stretches of days, employers by name."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from hub_registry.errors import Finding
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell
from hub_registry.students.vocabulary import Vocabulary
from hub_registry.web.forms import Form
from hub_registry.web.moments import parts_of_day, read_day

LISTS: Final = ("travel_modes", "access_needs", "interests", "past_sectors", "excluded_employers")
TYPED: Final = ("access_other", "past_other")
_ROW: Final = re.compile(r"available-([1-9][0-9]?)-(?:from|to)-(?:day|month|year)")
FEWEST_ROWS: Final = 3
_ENDS: Final = (("from", "first day"), ("to", "last day"))


def gathered(form: Form, known: Vocabulary, stored: Mapping[str, Any] | None, found: list[Finding]) -> Form:
    """Give the form with its parts put together, each under its one name; what is wrong is added to ``found``."""
    past = [*form.many("past_sectors"), form.text("past_other")]
    together = {
        **form.fields,
        "access_needs": [*form.many("access_needs"), *_tags(form, found)],
        "interests": list(dict.fromkeys(form.many("interests"))),
        "past_sectors": list(dict.fromkeys(past)),
        "excluded_employers": _employers(form, known, stored, found),
        "available": [read_stretches(form, found)],
    }
    return Form({name: list(dict.fromkeys(value)) if name in LISTS else value for name, value in together.items()})


def read_stretches(form: Form, found: list[Finding]) -> str:
    """Read the rows of first and last days as ``imports.cells.spans`` writes them; no row filled in: any day."""
    before = len(found)
    spans = [span for number in _numbers(form) if (span := _stretch(form, number, found))]
    if len(found) > before or not spans:
        return ""
    try:
        return cells.spans(";".join(spans))
    except BadCell as bad:
        message = f"days available: {bad.message}"
        found.append(Finding(message, field=f"available-{_numbers(form)[0]}-from", code=bad.code))
        return ""


def typed_stretches(available: str) -> dict[str, str]:
    """Give what the rows show for stored days."""
    shown: dict[str, str] = {}
    for number, span in enumerate([part for part in available.split(";") if part], 1):
        first, _, last = span.partition("/")
        shown |= parts_of_day(f"available-{number}-from", date.fromisoformat(first))
        shown |= parts_of_day(f"available-{number}-to", date.fromisoformat(last or first))
    return shown


def sent_stretches(form: Form) -> dict[str, str]:
    """Give the rows as they were typed."""
    return {name: form.text(name) for name in form.fields if _ROW.fullmatch(name)}


def rows_for(values: Mapping[str, Any]) -> int:
    """Say how many rows a page shows: one more than are filled in."""
    filled = [int(match[1]) for name, value in values.items() if value and (match := _ROW.fullmatch(name))]
    return max(FEWEST_ROWS, max(filled, default=0) + 1)


def more_rows(values: Mapping[str, Any]) -> bool:
    """Say whether any row but the first has something in it: then a page shows them all."""
    return any(value and (match := _ROW.fullmatch(name)) and match[1] != "1" for name, value in values.items())


def _numbers(form: Form) -> list[int]:
    return sorted({int(match[1]) for name in form.fields if (match := _ROW.fullmatch(name))})


def _stretch(form: Form, number: int, found: list[Finding]) -> str:
    wrong: list[Finding] = []
    name = f"available-{number}"
    ends: list[date | None] = []
    for end, words in _ENDS:
        told: list[Finding] = []
        ends.append(read_day(form, f"{name}-{end}", found=told, needed=False))
        wrong += [Finding(f"{words} {number}: {one.message}", field=one.field, code=one.code) for one in told]
    first, last = ends
    if not wrong and last and first is None:
        wrong.append(Finding(f"first day {number}: enter it, or clear the last day", field=f"{name}-from"))
    if first and last and last < first:
        message = f"last day {number}: it comes before the first"
        wrong.append(Finding(message, field=f"{name}-to", code="impossible_date"))
    found.extend(wrong)
    return "" if wrong or first is None else f"{first}/{last or first}"


def _tags(form: Form, found: list[Finding]) -> list[str]:
    try:
        return [cells.tag(part.strip()) for part in form.text("access_other").split(",") if part.strip()]
    except BadCell as bad:
        found.append(Finding(f"other access needs: {bad.message}", field="access_other", code=bad.code))
        return []


def _employers(form: Form, known: Vocabulary, stored: Mapping[str, Any] | None, found: list[Finding]) -> list[str]:
    kept = stored["excluded_employers"] if stored else []
    refs: list[str] = []
    for typed in form.many("excluded_employers"):
        ref = known.ref(typed) or (typed if typed in kept else None)
        if ref:
            refs.append(ref)
            continue
        near = known.near(typed)
        meant = f"; did you mean '{near}'?" if near else ": ask your hub how it is written"
        message = f"employers never to be matched with: your hub has no employer '{cells.shown(typed)}'{meant}"
        found.append(Finding(message, field="excluded_employers", code="unknown"))
    return refs
