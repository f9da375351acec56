"""The character U+0000 in a request: PostgreSQL has no text with it, so it is refused before anything is looked up."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from fastapi import Request

from hub_registry.errors import Finding, Invalid

_ESCAPED: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape in JSON; after an even number of backslashes, because an odd one escapes the backslash itself."""


def refuse_in_address(request: Request) -> None:
    """Raise Invalid when the path or the query has the character, percent-encoded or not."""
    if "\0" in request.scope["path"]:  # decoded already
        raise _refused("path")
    if b"\0" in unquote_to_bytes(request.scope["query_string"]):
        raise _refused("query")


def refuse_in_json(body: bytes) -> None:
    """Raise Invalid when a JSON text has the character as an escape; a bare one is no JSON anyway."""
    if b"\\u0000" in body and _ESCAPED.search(body):
        raise _refused("body")


def _refused(where: str) -> Invalid:
    message = "has the character U+0000, which no text here may have: leave it out"
    return Invalid("the request has a character that can't be kept", [Finding(message, code="nul", field=where)])
