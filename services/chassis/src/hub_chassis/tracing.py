"""Traces by OpenTelemetry: one from the request through outbox, Kafka, consumers, solver and mail.

A trace's id is the correlation id that requests, envelopes and tables carry anyway, and the span that staged a fact has
the last eight bytes of its envelope's id. So the W3C context crosses the outbox and every table that keeps both without
a column more, and whoever reads a log line knows the trace. Nothing is recorded until ``configure`` is called with an
address to export to.
"""

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.util.types import Attributes

from hub_chassis import correlation
from hub_chassis.settings import Settings

HEADER: Final = "traceparent"
_PARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
"""W3C's header; a version later than 00 may append to it."""
_RANDOM_BITS: Final = (1 << 32) - 1
"""The bits of a trace's id that are chance, in W3C's ids and in a UUID of version 7: what lies before them is a clock,
a version, a variant and a counter."""

_span_id: ContextVar[int | None] = ContextVar("hub_span_id", default=None)
"""The id that the next span must have."""


class _Ids(IdGenerator):
    """The correlation id for a trace; chance, or what is asked for, for a span."""

    def generate_trace_id(self) -> int:
        return correlation.current_or_new().int

    def generate_span_id(self) -> int:
        return _span_id.get() or random.getrandbits(64) or 1


class Share(Sampler):
    """Records a share of all traces; every service comes to the same answer, for it follows from the trace's id."""

    def __init__(self, share: float) -> None:
        self._below = round(share * (_RANDOM_BITS + 1))

    def takes(self, trace_id: int) -> bool:
        """Whether this trace is recorded."""
        return (trace_id & _RANDOM_BITS) < self._below

    def should_sample(  # noqa: PLR0917 -- OpenTelemetry's signature
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """OpenTelemetry's question; the span keeps the attributes that the answer has."""
        del parent_context, name, kind, links, trace_state
        decision = Decision.RECORD_AND_SAMPLE if self.takes(trace_id) else Decision.DROP
        return SamplingResult(decision, attributes)

    def get_description(self) -> str:
        """OpenTelemetry's name of it."""
        return f"Share({self._below / (_RANDOM_BITS + 1):g})"


class _Tracing:
    """What this process does about traces."""

    share = Share(0.0)
    tracer: trace.Tracer = trace.NoOpTracer()


@contextmanager
def configured(settings: Settings) -> Iterator[None]:
    """Export spans to ``settings.otlp_url`` inside the block, if that is set; what is left is sent at its end."""
    if settings.otlp_url is None:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    share = Share(settings.trace_share)
    provider = TracerProvider(
        sampler=share, resource=Resource.create({"service.name": f"hub-{settings.service}"}), id_generator=_Ids(),
        shutdown_on_exit=False,
    )  # fmt: skip
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_url.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _Tracing.share, _Tracing.tracer = share, provider.get_tracer("hub_chassis")
    try:
        yield
    finally:
        _Tracing.share, _Tracing.tracer = Share(0.0), trace.NoOpTracer()
        provider.shutdown()


@contextmanager
def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    cause: UUID | int | None = None,
    attributes: Attributes = None,
) -> Iterator[Span]:
    """Record what happens inside the block as part of the trace of the current correlation id.

    Args:
        name: few different ones: no ids.
        kind: as OpenTelemetry means it.
        cause: the envelope's id (or a span's id) that it follows from, where no span of this trace is open here.
        attributes: further figures; never personal data.
    """
    with _Tracing.tracer.start_as_current_span(name, _context(cause), kind=kind, attributes=attributes) as found:
        yield found


def note_fact(name: str, envelope_id: UUID, *, correlation_id: UUID) -> None:
    """Record that a fact was staged; whoever handles it names its envelope as the cause."""
    if not _Tracing.share.takes(correlation_id.int):
        return
    token = _span_id.set(span_id_of(envelope_id))
    try:
        with correlation.correlated(correlation_id), span(f"{name} staged", SpanKind.PRODUCER):
            pass
    finally:
        _span_id.reset(token)


def span_id_of(envelope_id: UUID) -> int:
    """The id of the span that staged an envelope."""
    return envelope_id.int & ((1 << 64) - 1)


def traceparent(correlation_id: UUID, span_id: int) -> str:
    """The W3C header of a span of this trace."""
    return f"00-{correlation_id.hex}-{span_id:016x}-{'01' if _Tracing.share.takes(correlation_id.int) else '00'}"


def current_traceparent() -> str | None:
    """The W3C header for a call to another service; None outside of any span or trace."""
    current = trace.get_current_span().get_span_context()
    return traceparent(UUID(int=current.trace_id), current.span_id) if current.is_valid else None


def parse(header: str | None) -> tuple[UUID, int] | None:
    """The trace and span of a caller's W3C header; None when there is none that is well-formed."""
    found = _PARENT.fullmatch(header or "")
    # int() would also read "0x…" and "1_0": only what the pattern lets through is an id.
    if found is None or found[1] == "ff" or (found[1] == "00" and found[4]):
        return None
    trace_id, span_id = int(found[2], 16), int(found[3], 16)
    return (UUID(int=trace_id), span_id) if trace_id and span_id else None


def _context(cause: UUID | int | None) -> Context | None:
    """Where a new span hangs: the open span of the same trace, else the cause, else nowhere (it begins the trace)."""
    correlation_id = correlation.current()
    open_one = trace.get_current_span().get_span_context()
    if correlation_id is None or (open_one.is_valid and open_one.trace_id == correlation_id.int):
        return None
    if cause is None:
        return Context()
    span_id = span_id_of(cause) if isinstance(cause, UUID) else cause
    flags = TraceFlags(TraceFlags.SAMPLED if _Tracing.share.takes(correlation_id.int) else TraceFlags.DEFAULT)
    remote = SpanContext(correlation_id.int, span_id, is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(NonRecordingSpan(remote), Context())
