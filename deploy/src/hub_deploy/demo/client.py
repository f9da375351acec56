"""A small client of the registry's API: one person's token, JSON and CSV, errors that say what was refused.

It asks again when the connection breaks or the registry is away for a moment (503). That is safe because each unsafe
call carries a key of its own: the registry answers a repeated key with what it answered before.
"""

import ssl
import time
import uuid
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any

import httpx

Json = dict[str, Any]


class Refused(Exception):
    """The registry answered with a problem; the text is its own words."""

    def __init__(self, call: str, status: int, problem: Json) -> None:
        lines = [str(error) for error in problem.get("errors", [])[:5]]
        said = ": ".join(part for part in (problem.get("title", ""), problem.get("detail", "")) if part)
        super().__init__("\n  ".join([f"{call} -> {status} {said}", *lines]))
        self.status = status
        self.problem = problem


@cache
def _tls() -> ssl.SSLContext:
    """The machine's certificates, read once: that takes longer than a school's upload."""
    return ssl.create_default_context()


class Client:
    """Calls the registry as one person."""

    def __init__(self, base_url: str, token: str, *, timeout_s: float = 120.0, patience_s: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=f"{base_url}/api/v1", headers=headers, timeout=timeout_s, verify=_tls())
        self._patience_s = patience_s

    def get(self, path: str, **query: str | int) -> Json:
        """GET; raises Refused."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """POST a JSON document; raises Refused."""
        return self._call("POST", path, json=dict(body or {}))

    def upload(self, path: str, csv: bytes) -> Json:
        """POST a CSV file, give its receipt; raises Refused with the first errors of the file."""
        return self._call("POST", path, content=csv, headers={"Content-Type": "text/csv"})

    def download(self, path: str) -> bytes:
        """GET the bytes of a file; raises Refused."""
        answer = self._patiently("GET", path)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(f"GET {path}", answer.status_code, {"detail": answer.text[:500]})
        return answer.content

    def _call(self, method: str, path: str, **how: Any) -> Json:
        answer = self._patiently(method, path, **how)
        try:
            content = answer.json() if answer.content else {}
        except ValueError:
            content = {"detail": answer.text[:500]}
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(f"{method} {path}", answer.status_code, content)
        return content if isinstance(content, dict) else {"items": content}

    def _patiently(self, method: str, path: str, **how: Any) -> httpx.Response:
        deadline = time.monotonic() + self._patience_s
        headers = how.pop("headers", {}) | ({} if method == "GET" else {"Idempotency-Key": str(uuid.uuid4())})
        while True:
            try:
                answer = self._http.request(method, path, headers=headers, **how)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    return answer
            time.sleep(0.2)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
