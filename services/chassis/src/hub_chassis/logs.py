"""Structured logs with the correlation id; the Kafka clients' loggers may not flood them."""

import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import structlog
from opentelemetry import trace

from hub_chassis import correlation
from hub_chassis.settings import Settings

KAFKA_LOGGERS = ("aiokafka", "faststream", "kafka")
HTTP_LOGGERS = ("httpx", "httpcore")
"""Their information is a line for each request, of which a thousand mails make thousands."""


class RateLimit(logging.Filter):
    """Lets the first ``burst`` lines of each place in the code through per window, counts the rest and says how many.

    aiokafka writes more than 100 000 lines a minute while its broker is away.
    """

    def __init__(self, *, burst: int = 5, window_s: float = 60.0, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._burst = burst
        self._window_s = window_s
        self._now = now
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the line passes; the first of a new window tells what the last one swallowed."""
        place = (record.pathname, record.lineno)
        began, count = self._seen.get(place, (self._now(), 0))
        if self._now() - began >= self._window_s:
            if count > self._burst:
                swallowed = count - self._burst
                record.msg = f"{record.getMessage()} ({swallowed} more like this in the last {self._window_s:.0f} s)"
                record.args = ()
            began, count = self._now(), 0
        self._seen[place] = (began, count + 1)
        return count < self._burst


def _add_correlation(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if (correlation_id := correlation.current()) is not None:
        event.setdefault("correlation_id", str(correlation_id))
        event.setdefault("trace_id", correlation_id.hex)
    if (span := trace.get_current_span().get_span_context()).is_valid:
        event.setdefault("span_id", f"{span.span_id:016x}")
    return event


def configure(settings: Settings) -> None:
    """Send our own and the libraries' logs to standard error, one line each, as JSON or for a console."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _add_correlation,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in HTTP_LOGGERS:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    structlog.contextvars.bind_contextvars(service=settings.service)
    limit_kafka(handler)


def limit_kafka(handler: logging.Handler) -> None:
    """Put the rate limit where the Kafka clients' lines come by (filters on a parent logger don't see its children)."""
    limit = RateLimit()

    def allowed(record: logging.LogRecord) -> bool:
        return record.name.partition(".")[0] not in KAFKA_LOGGERS or limit.filter(record)

    handler.addFilter(allowed)
