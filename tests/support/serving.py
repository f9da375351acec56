"""A server of the tests in a thread of its own, for as long as a ``with`` block lasts."""

import threading
from socketserver import BaseServer
from types import TracebackType
from typing import Self


class Serving:
    """Base of what serves: hand it the server; entering starts it, leaving stops it and gives its port back."""

    def __init__(self, server: BaseServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
