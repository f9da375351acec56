"""What operations that take a file have in common."""

from typing import Annotated, Any, Final

from fastapi import Query

Preview = Annotated[bool, Query(description="Only say what would change; nothing is written")]

CSV: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "UTF-8 (with or without BOM) or Windows-1252, separated by commas, with a header",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
"""For ``openapi_extra``: the body is read by the route, before FastAPI looks for one."""
