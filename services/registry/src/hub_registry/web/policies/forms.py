"""A policy read from its form: the texts as they are; what they may be is said by the policy itself."""

from typing import Any

from hub_registry.errors import Finding, Invalid
from hub_registry.web.forms import Form
from hub_registry.web.policies.settings import SETTINGS


def read(form: Form) -> dict[str, Any]:
    """Read every key but the seed, which is drawn; raises Invalid for what is not even of the right kind."""
    found: list[Finding] = []
    values: dict[str, Any] = {}
    for one in SETTINGS:
        text = form.text(one.key)
        if one.options and text not in one.options:
            found.append(Finding("choose one", field=one.key))
        elif one.suffix and not text.isdecimal():
            found.append(Finding("enter a whole number", field=one.key))
        values[one.key] = int(text) if one.suffix and text.isdecimal() else text
    values["use_interests"] = form.text("use_interests") == "yes"
    if values["rank_cost"] == "own":
        values["rank_cost"] = _costs(form.text("rank_costs"), found)
    if found:
        raise Invalid("there is a problem", found)
    return values


def of_fields(refused: Invalid) -> Invalid:
    """Name the form's fields in what the policy itself refused."""
    findings = [
        Finding(one.message.removeprefix("Value error, "), field=_field(one.field or "")) for one in refused.findings
    ]
    return Invalid(refused.detail, findings)


def _costs(text: str, found: list[Finding]) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if all(part.isdecimal() for part in parts):
        return [int(part) for part in parts]
    found.append(Finding("enter whole numbers with commas between, such as 0, 1, 3, 10", field="rank_costs"))
    return [0]


def _field(path: str) -> str:
    """From "policy.rank_cost.tuple[…].2" to the field's name; what concerns all of the policy is at credit's ranks."""
    parts = path.removeprefix("policy").strip(".").split(".")
    if parts[0] == "rank_cost" and len(parts) > 1:
        return "rank_costs"
    return parts[0] or "credit_per_rank"
