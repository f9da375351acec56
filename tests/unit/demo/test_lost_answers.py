"""The demo's client when an answer is lost on its way: real HTTP, and a registry that has done what it never said."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from hub_deploy.demo.client import Client
from hub_deploy.demo.people import SECRET_NOT_KEPT, add_staff


class Forgetful(BaseHTTPRequestHandler):
    """Makes a token, hangs up before saying it, and answers a repeated key as the registry does."""

    keys: set[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        if not self.path.endswith("/tokens"):
            self._answer(201, {"staff_id": "s-1"})
        elif key in self.keys:
            self._answer(409, {"type": SECRET_NOT_KEPT, "title": "Conflict"})
        else:
            self.keys.add(key)
            if len(self.keys) > 1:
                self._answer(201, {"token": f"secret {len(self.keys)}"})

    def _answer(self, status: int, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the parent's name
        """Say nothing."""


@contextmanager
def forgetful_registry() -> Iterator[tuple[str, set[str]]]:
    keys: set[str] = set()
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Forgetful,), {"keys": keys}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", keys
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_person_whose_first_secret_was_lost_gets_another() -> None:
    with forgetful_registry() as (url, keys), Client(url, "demo") as client:
        assert add_staff(client, role="adviser", name="A") == "secret 2"
    assert len(keys) == 2
