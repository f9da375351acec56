"""Every error as application/problem+json (RFC 9457)."""

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from hub_chassis.errors import ChassisError, is_away, is_transient
from hub_chassis.http import template
from hub_registry import errors

MEDIA_TYPE = "application/problem+json"
_LOG = structlog.get_logger(__name__)

STATUS: Mapping[type[errors.RegistryError], int] = {
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.ProviderAway: 503,
    errors.NotFromProvider: 403,
    errors.NotKnown: 404,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.TooManyTries: 429,
}
TITLE: Mapping[int, str] = {
    400: "Request not understood",
    401: "Token needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Media type not supported",
    422: "Invalid content",
    429: "Too many tries",
    500: "Internal error",
    503: "Unavailable for now",
}


class ProblemError(BaseModel):
    """One thing that is wrong, and where."""

    message: str = Field(description="What is wrong and how to mend it")
    code: str | None = Field(default=None, description="The kind of error, for programs")
    field: str | None = Field(default=None, description="Path of the field in a JSON body, or the parameter's name")
    row: int | None = Field(default=None, description="Row of an uploaded file; the header is row 1")
    column: str | None = Field(default=None, description="Column of an uploaded file")


class Problem(BaseModel):
    """RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:placement-hub:problem:school-not-known",
                    "title": "Not found",
                    "status": 404,
                    "detail": "there is no school 104715 in this hub",
                }
            ]
        }
    )
    type: str = Field(description="What happened, for programs: urn:placement-hub:problem:…")
    title: str
    status: int
    detail: str = ""
    errors: list[ProblemError] = Field(default=[], description="The first 200")


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": TITLE[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (401, 403, 404, 409, 413, 422, 503)
}
"""For a router's ``responses``: the problems that any of its operations may answer with."""


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    findings: tuple[errors.Finding, ...] = (),
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make the answer; ``kind`` ends the type's name, ``facts`` become members of the problem."""
    body: dict[str, Any] = {
        "type": f"urn:placement-hub:problem:{kind}",
        "title": TITLE.get(status, "Error"),
        "status": status,
        "detail": detail,
        **(facts or {}),
    }
    if findings:
        names = ("row", "column", "field", "code", "message")
        body["errors"] = [
            {name: value for name in names if (value := getattr(finding, name)) is not None} for finding in findings
        ]
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def kind_of(error: Exception) -> str:
    """Turn an error's class into the end of a problem's type: SchoolNotKnown -> school-not-known."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.RegistryError)  # noqa: S101 -- registered for this class
    status = next(STATUS[parent] for parent in type(error).__mro__ if parent in STATUS)
    headers = {"WWW-Authenticate": 'Bearer realm="placement-hub"'} if status == 401 else None
    findings = error.findings if isinstance(error, errors.Invalid) else ()
    return problem(status, kind_of(error), error.detail, findings=findings, facts=error.facts, headers=headers)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 -- registered for this class
    kind = TITLE.get(error.status_code, "error").lower().replace(" ", "-")
    return problem(error.status_code, kind, str(error.detail), headers=error.headers)


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- registered for this class
    findings = tuple(
        errors.Finding(
            field=".".join(str(part) for part in one["loc"] if part not in {"body", "query", "path"}) or "body",
            message=one["msg"],
            code=one["type"],
        )
        for one in error.errors()[:200]
    )
    return problem(422, "invalid", "the request is not as documented", findings=findings)


async def _broken(request: Request, error: Exception) -> JSONResponse:
    if is_away(error) or is_transient(error):
        _LOG.warning("unavailable", error=repr(error), route=template(request.scope))
        detail = "the database is not to be had at the moment; nothing was changed, please try again"
        return problem(503, "unavailable", detail, headers={"Retry-After": "5"})
    _LOG.error("request failed", exc_info=error, route=template(request.scope))
    return problem(500, "internal", "this is our fault; it was logged under the correlation id of this answer")


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(errors.RegistryError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
    for unforeseen in (ChassisError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Exception):
        app.add_exception_handler(unforeseen, _broken)  # but for the last, without tearing down the connection


def document(app: FastAPI) -> None:
    """Put the problem's schema into the app's OpenAPI document."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        inner = schema.pop("$defs")
        document.setdefault("components", {}).setdefault("schemas", {}).update({**inner, "Problem": schema})
        return document

    app.openapi = openapi  # type: ignore[method-assign]
