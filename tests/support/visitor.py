"""A visitor of the pages without a browser: follows links, fills in forms as they stand, keeps cookies."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from fastapi import FastAPI

_FORM = re.compile(r"<form\b(?P<head>[^>]*)>(?P<body>.*?)</form>", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"')


class Visitor:
    """Somebody at the pages; ``async with Visitor(app) as visitor``."""

    def __init__(self, app: FastAPI, *, site: str = "http://registry", address: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
        self.http = httpx.AsyncClient(transport=transport, base_url=site, follow_redirects=True)
        self.page: httpx.Response = httpx.Response(204)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def open(self, address: str) -> httpx.Response:
        """Open a page."""
        self.page = await self.http.get(address)
        return self.page

    async def sign_in(self, staff_id: object) -> httpx.Response:
        """Sign in by the demo's door."""
        await self.open("/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        fields = {"staff_id": str(staff_id), "next": "/", "csrf_token": token[1] if token else ""}
        self.page = await self.http.post("/sign-in/demo", data=fields)
        return self.page

    async def send(
        self,
        fields: Mapping[str, Any] | None = None,
        *,
        action: str = "",
        files: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Send the open page's form whose action ends with ``action``, its hidden fields with it."""
        head, body = self.form(action)
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(body)}
        to = re.search(r'action="([^"]*)"', head)
        address = urljoin(str(self.page.url), unescape(to.group(1)) if to else "")
        self.page = await self.http.post(address, data={**hidden, **(fields or {})}, files=files, **more)
        return self.page

    def form(self, action: str = "") -> tuple[str, str]:
        """Find the open page's form by the end of its action; the first that posts, but for signing out."""
        for found in _FORM.finditer(self.page.text):
            head = found["head"]
            if 'method="post"' in head and (f'{action}"' in head if action else "/sign-out" not in head):
                return head, found["body"]
        raise AssertionError(f"no form {action!r} on {self.page.url}:\n{self.text()[:2000]}")

    def text(self) -> str:
        """The page's words, without tags."""
        found = re.search(r"<main\b.*?</main>", self.page.text, re.DOTALL)
        bare = re.sub(r"<[^>]+>", " ", found.group(0) if found else self.page.text)
        return re.sub(r"\s+", " ", unescape(bare)).strip()
