"""A small client of the registry's API: one person's token, JSON and CSV, errors that say what was refused."""

from collections.abc import Mapping
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


class Client:
    """Calls the registry as one person."""

    def __init__(self, base_url: str, token: str, *, timeout_s: float = 120.0) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=f"{base_url}/api/v1", headers=headers, timeout=timeout_s)

    def get(self, path: str, **query: str | int) -> Json:
        """GET; raises Refused."""
        return self._call("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """POST a JSON document; raises Refused."""
        return self._call("POST", path, json=dict(body or {}))

    def upload(self, path: str, csv: bytes) -> Json:
        """POST a CSV file, give its receipt; raises Refused with the first errors of the file."""
        return self._call("POST", path, content=csv, headers={"Content-Type": "text/csv"})

    def _call(self, method: str, path: str, **how: Any) -> Json:
        answer = self._http.request(method, path, **how)
        try:
            content = answer.json() if answer.content else {}
        except ValueError:
            content = {"detail": answer.text[:500]}
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(f"{method} {path}", answer.status_code, content)
        return content if isinstance(content, dict) else {"items": content}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
