"""Logs are lines of JSON with the correlation id; a flood is counted and not written."""

import json
import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog

from hub_chassis import logs
from hub_chassis.correlation import correlated
from hub_chassis.logs import RateLimit
from hub_chassis.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def line(place: int, text: str = "down: %s") -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", logging.ERROR, "conn.py", place, text, ("broker",), None)


def test_the_first_lines_of_a_place_pass_the_rest_are_counted_in_the_next_window() -> None:
    now = 0.0
    limit = RateLimit(burst=3, window_s=60, now=lambda: now)
    assert [limit.filter(line(1)) for _ in range(1000)].count(True) == 3
    assert limit.filter(line(2))
    now = 61.0
    again = line(1)
    assert limit.filter(again)
    assert again.getMessage() == "down: broker (997 more like this in the last 60 s)"
    now = 122.0
    quiet = line(1)
    assert limit.filter(quiet)
    assert quiet.getMessage() == "down: broker"


def test_lines_are_json_with_service_and_correlation_id_and_no_local_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(Settings(database_url="postgresql://db/x", demo=True, service="ledger"))
    correlation_id = uuid.uuid4()
    with correlated(correlation_id):
        pupil = "Ada Lovelace"
        try:
            raise ValueError(len(pupil))
        except ValueError:
            structlog.get_logger("test").exception("it failed")
    logging.getLogger("aiokafka").warning("odd")
    ours, theirs = (json.loads(text) for text in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["service"], ours["correlation_id"]) == ("it failed", "ledger", str(correlation_id))
    assert "ValueError" in ours["exception"]
    assert pupil not in json.dumps(ours)
    assert (theirs["event"], theirs["logger"], theirs["level"]) == ("odd", "aiokafka", "warning")


def test_only_kafkas_loggers_are_limited(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(database_url="postgresql://db/x", demo=True))
    for _ in range(100):
        logging.getLogger("aiokafka.conn").error("down")
        logging.getLogger("hub_ledger").error("ours")
    lines = capsys.readouterr().err
    assert lines.count('"ours"') == 100
    assert lines.count('"down"') == 5


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_a_request_that_went_well_is_no_line(capsys: pytest.CaptureFixture[str], level: str) -> None:
    logs.configure(Settings(database_url="postgresql://db/x", demo=True, service="ledger", log_level=level))
    logging.getLogger("httpx").info("HTTP Request: GET http://registry:8000/internal/v1/notices")
    logging.getLogger("httpcore.connection").debug("connect_tcp.started")
    logging.getLogger("httpx").warning("odd")
    assert [json.loads(text)["event"] for text in capsys.readouterr().err.splitlines()] == ["odd"]
