"""The same change for all students that a filter shows."""

import hashlib
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal
from hub_registry.audit.views import students_seen
from hub_registry.errors import Finding, Invalid, Stale
from hub_registry.imports import cells
from hub_registry.imports.sheet import BadCell
from hub_registry.students import finding
from hub_registry.students.bulk import change_many
from hub_registry.web.attempt import attempt
from hub_registry.web.forms import Form
from hub_registry.web.only import Adviser
from hub_registry.web.page import page, redirect
from hub_registry.web.route import PageRoute, Sent, Tx
from hub_registry.web.students.fields import more_rows, read_stretches, rows_for
from hub_registry.web.students.listing import Asked, chosen
from hub_registry.web.students.school import rounds_of, school_of
from hub_registry.web.words import plural

router = APIRouter(route_class=PageRoute, prefix="/students")

SHOWN: Final = 100
"""Names that are shown; all are changed."""
_MODES: Final = cells.several(cells.choice("walk", "cycle", "public_transport", "car"))


@router.get("/bulk")
async def show_bulk(request: Request, tx: Tx, me: Adviser) -> Response:
    """Show who would be changed, and what can be."""
    return await _show(request, tx, me)


@router.post("/bulk")
async def change(request: Request, tx: Tx, me: Adviser, form: Sent) -> Response:
    """Change all of them, unless others match the filter by now."""
    ids = await _ids(tx, me, Asked.of(request.query_params))
    if form.text("who") != _mark(ids):
        raise Stale("other students match this filter by now: look at the list again")
    try:
        values = _values(form)
        async with attempt(tx):
            changed = await change_many(tx, school_of(me), ids, values)
    except Invalid as refused:
        return await _show(request, tx, me, form=form, refused=refused)
    query = Asked.of(request.query_params).address()
    return redirect(request, f"/students?{query}", said=f"{plural(changed, 'student')} changed.")


async def _show(
    request: Request, tx: Transaction, me: Principal, *, form: Form | None = None, refused: Invalid | None = None
) -> Response:
    asked = Asked.of(request.query_params)
    ids = await _ids(tx, me, asked)
    names = await finding.load_page(tx.conn, school_of(me), None, finding.Wanted(among=ids), page=1, per_page=SHOWN)
    await students_seen(tx, me, [one["student_id"] for one in names], page="students")
    values = form.values() if form else {}
    context: dict[str, Any] = {"asked": asked, "total": len(ids), "names": names, "who": _mark(ids), "values": values}
    context |= {"rows": rows_for(values), "more_days": more_rows(values)}
    return page(request, "students/bulk.html", refused=refused, **context)


async def _ids(tx: Transaction, me: Principal, asked: Asked) -> list[UUID]:
    round_ = (await rounds_of(tx)).current
    wanted, _ = await chosen(tx, school_of(me), round_, asked)
    return await finding.load_ids(tx.conn, school_of(me), round_, wanted)


def _mark(ids: list[UUID]) -> str:
    return hashlib.sha256(" ".join(sorted(map(str, ids))).encode()).hexdigest()[:16]


def _values(form: Form) -> dict[str, Any]:
    """Read what shall be changed: boxes ticked in ``change``. Raises Invalid."""
    asked = form.many("change")
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, read in (("max_travel_minutes", _minutes), ("travel_modes", _modes)):
        try:
            if name in asked:
                values[name] = read(form)
        except BadCell as bad:
            findings.append(Finding(bad.message, code=bad.code, field=name))
    if "available" in asked:
        values["available"] = read_stretches(form, findings)
    if "consent" in asked:
        answer = form.text("consent")
        if answer not in ("yes", "no", "unknown"):
            findings.append(Finding("choose what the parents said", field="consent"))
        values["consent"] = "" if answer == "unknown" else answer
    if not asked:
        findings.append(Finding("choose what to change", field="change"))
    if findings:
        raise Invalid("there is a problem", findings)
    return values


def _minutes(form: Form) -> int | None:
    text = form.text("max_travel_minutes")
    return cells.whole(0, 600)(text) if text else None


def _modes(form: Form) -> list[str]:
    modes = _MODES(";".join(form.many("travel_modes")))
    if not modes:
        raise BadCell("choose at least one way to travel")
    return modes
