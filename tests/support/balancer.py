"""A load balancer as small as can be: each request goes to the next of its backends, whoever asked before."""

import itertools
import socket
import threading
from collections import Counter
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.support.serving import Serving


class Balancer(Serving):
    """Listens on a port of 127.0.0.1; ``with Balancer() as balancer`` starts and stops it.

    ``backends`` are ports, taken in turn; the list may change while it runs. ``served`` counts requests by port.
    """

    def __init__(self) -> None:
        self.backends: list[int] = []
        self.served: Counter[int] = Counter()
        self._turn = itertools.count()
        self._lock = threading.Lock()
        server = _Server(("127.0.0.1", 0), _Request)
        server.balancer = self
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        """Where clients go."""
        super().__init__(server)

    def next(self) -> int:
        """The backend whose turn it is."""
        with self._lock:
            port = self.backends[next(self._turn) % len(self.backends)]
            self.served[port] += 1
            return port


class _Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    balancer: Balancer


class _Request(StreamRequestHandler):
    """One connection: passes one request on and its answer back, then ends, so that the next goes elsewhere."""

    server: _Server

    def handle(self) -> None:
        head = []
        while (line := self.rfile.readline()) != b"\r\n":
            if not line:  # the client went away
                return
            head.append(line)
        fields = {name.lower(): value for name, _, value in (line.partition(b":") for line in head[1:])}
        body = self.rfile.read(int(fields.get(b"content-length", b"0")))
        kept = [line for line in head if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.server.balancer.next())) as there:
            there.sendall(b"".join([*kept, b"Connection: close\r\n\r\n", body]))
            while content := there.recv(65_536):
                self.wfile.write(content)
