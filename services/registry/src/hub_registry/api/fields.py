"""Types of JSON fields that follow the same rules as the cells of an import."""

from copy import copy
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, create_model

from hub_registry.errors import Finding, Invalid
from hub_registry.imports import Sheet, cells
from hub_registry.imports.sheet import BadCell, Parser


def _by(parser: Parser) -> AfterValidator:
    def check(value: str) -> Any:
        try:
            return parser(value.strip()) if value.strip() else ""
        except BadCell as bad:
            raise ValueError(bad.message) from None

    return AfterValidator(check)


Line = Annotated[str, _by(cells.text())]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _by(cells.text())]
Ref = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _by(cells.text(most=64))]
Sector = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _by(cells.text(most=80))]
Postcode = Annotated[str, _by(cells.postcode)]
Email = Annotated[str, _by(cells.email)]
Upn = Annotated[str, StringConstraints(min_length=1), _by(cells.upn)]
Spans = Annotated[str, _by(cells.spans)]
Tag = Annotated[str, StringConstraints(min_length=1), _by(cells.tag)]

IfMatch = Annotated[str | None, Header(description="The ETag that was read: refuse if it was changed meanwhile")]


def partial(model: type[BaseModel]) -> type[BaseModel]:
    """Make the model of a change: the same fields and rules, every field optional (``exclude_unset`` tells them)."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        optional = copy(info)
        optional.default = None  # never validated, never used
        fields[name] = (info.annotation, optional)
    return create_model(f"{model.__name__}Partial", __config__=ConfigDict(extra="forbid"), **fields)


def judge(sheet: Sheet, values: dict[str, Any]) -> None:
    """Apply a sheet's rules about whole rows to a resource; raises Invalid."""
    found = [Finding(field=one.column, code=one.code, message=one.message) for one in sheet.check(values)]
    if found:
        raise Invalid("some fields do not go together", found)


def tagged(response: Response, row: dict[str, Any]) -> dict[str, Any]:
    """Set the answer's ETag from a row's version."""
    response.headers["ETag"] = f'"{row["version"]}"'
    return row


def version_of(if_match: str | None) -> str | None:
    """Read the version out of an If-Match header; ``*`` matches anything."""
    if if_match is None or if_match.strip() == "*":
        return None
    return if_match.strip().removeprefix("W/").strip('"')


def cursor_id(after: str | None) -> UUID:
    """Read a cursor that is an id; the beginning when there is none. Raises Invalid."""
    try:
        return UUID(after) if after else UUID(int=0)
    except ValueError:
        raise Invalid("the cursor is not one of ours", [Finding(field="after", message="is no cursor")]) from None
