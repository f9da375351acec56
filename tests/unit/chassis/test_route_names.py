"""What logs and metrics call a request: the route, never the values in its path, which may be secrets."""

from types import SimpleNamespace
from typing import Any

import pytest

from hub_chassis.http import template


def scope(path: str, route: str | None) -> dict[str, Any]:
    return {"path": path} if route is None else {"path": path, "route": SimpleNamespace(path=route)}


@pytest.mark.parametrize(
    ("path", "route", "named"),
    [
        ("/api/v1/rounds/7/runs", "/rounds/{round_id}/runs", "/api/v1/rounds/{round_id}/runs"),
        ("/invitation/hub_secret", "/invitation/{secret}", "/invitation/{secret}"),
        ("/calendar/hub_secret.ics", "/calendar/{secret}.ics", "/calendar/{secret}.ics"),
        ("/", "/", "/"),
        ("/files/a/b", "/files/{name:path}", "/files/{name:path}"),
        ("/hub_secret", None, "unknown"),
    ],
)
def test_the_values_of_a_path_are_named_only(path: str, route: str | None, named: str) -> None:
    assert template(scope(path, route)) == named
