"""A receiver of OTLP over HTTP that keeps the spans it is sent."""

from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.support.serving import Serving


@dataclass(frozen=True)
class KeptSpan:
    """One span as it was sent."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    """Empty: it has none."""
    began_ns: int
    ended_ns: int
    attributes: dict[str, Any] = field(default_factory=dict)


class TraceSink(Serving):
    """``with TraceSink() as sink``: services export to ``sink.url``, and ``sink.traces()`` has what came."""

    def __init__(self) -> None:
        self.spans: list[KeptSpan] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.take(ExportTraceServiceRequest.FromString(body))
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        super().__init__(server)

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keep the spans of one request."""
        for of_resource in request.resource_spans:
            service = next(a.value.string_value for a in of_resource.resource.attributes if a.key == "service.name")
            for of_scope in of_resource.scope_spans:
                for span in of_scope.spans:
                    attributes = {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}
                    self.spans.append(
                        KeptSpan(
                            service, span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                            span.start_time_unix_nano, span.end_time_unix_nano, attributes,
                        )
                    )  # fmt: skip

    def traces(self) -> dict[str, list[KeptSpan]]:
        """Spans by trace, in the order they began."""
        found: dict[str, list[KeptSpan]] = defaultdict(list)
        for span in sorted(self.spans, key=lambda span: span.began_ns):
            found[span.trace_id].append(span)
        return found
