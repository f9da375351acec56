"""The API's description as a page to read and try it on; its viewer comes from elsewhere and is checked before it runs.

The page is of the same site as people's sessions: whatever ran on it could do what they may. So it takes one version
of Swagger UI alone, known by its SHA-384, and nothing else may run there.
"""

import base64
import hashlib
from typing import Final

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

ADDRESS: Final = "/api/v1/docs"
_FROM: Final = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0"
_SCRIPT: Final = f"{_FROM}/swagger-ui-bundle.js"
_STYLE: Final = f"{_FROM}/swagger-ui.css"
_SCRIPT_IS: Final = "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9"
_STYLE_IS: Final = "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I"
_START: Final = (
    "SwaggerUIBundle({url: '/api/v1/openapi.json', dom_id: '#viewer', deepLinking: true,"
    " presets: [SwaggerUIBundle.presets.apis]});"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'sha256-{_HASH}' {_SCRIPT}",
        f"style-src 'unsafe-inline' {_STYLE}",  # the viewer sets styles as it goes
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_PAGE: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Placement Hub registry: API</title>
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="{_STYLE}" integrity="{_STYLE_IS}" crossorigin="anonymous">
</head>
<body>
<div id="viewer"></div>
<noscript>The description itself: <a href="/api/v1/openapi.json">openapi.json</a></noscript>
<script src="{_SCRIPT}" integrity="{_SCRIPT_IS}" crossorigin="anonymous"></script>
<script>{_START}</script>
</body>
</html>
"""
router = APIRouter()


@router.get(ADDRESS, include_in_schema=False)
async def show() -> Response:
    """Show the description."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": POLICY})
