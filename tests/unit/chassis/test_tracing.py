"""Traces take their ids from what requests and envelopes carry, and every service takes the same ones."""

from uuid import UUID

import pytest

from hub_chassis import tracing
from hub_schemas.ids import new_id

TRACE = UUID("0af7651916cd43dd8448eb211c80319c")


def test_a_share_of_the_ids_we_make_is_taken() -> None:
    ids = [new_id().int for _ in range(4000)]
    for share in (0.1, 0.5, 0.9):
        taken = sum(tracing.Share(share).takes(number) for number in ids)
        assert abs(taken / len(ids) - share) < 0.05
    assert not any(tracing.Share(0.0).takes(number) for number in ids)
    assert all(tracing.Share(1.0).takes(number) for number in ids)


def test_a_callers_trace_is_read() -> None:
    assert tracing.parse(f"00-{TRACE.hex}-b7ad6b7169203331-01") == (TRACE, 0xB7AD6B7169203331)
    assert tracing.parse(f"cc-{TRACE.hex}-b7ad6b7169203331-01-what-comes-later") == (TRACE, 0xB7AD6B7169203331)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "00", "nonsense", f"ff-{TRACE.hex}-b7ad6b7169203331-01", f"00-{TRACE.hex}-{'0' * 16}-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01", f"00-{TRACE.hex[:-1]}-b7ad6b7169203331-01",
        f"00-{'g' * 32}-b7ad6b7169203331-01", f"00-0x{TRACE.hex[2:]}-b7ad6b7169203331-01",
        f"00-{TRACE.hex}-b7ad_b7169203331-01", f"00-{TRACE.hex}-+7ad6b7169203331-01",
        f"00-{TRACE.hex}-b7ad6b7169203331-01-more", f"00-{TRACE.hex}-b7ad6b7169203331-0x",
    ],
)  # fmt: skip
def test_what_is_no_context_begins_a_trace_of_its_own(header: str | None) -> None:
    assert tracing.parse(header) is None


def test_the_header_names_the_span_that_staged_the_envelope() -> None:
    envelope = UUID("018f3a2b-0000-7000-8000-00000000abcd")
    header = tracing.traceparent(TRACE, tracing.span_id_of(envelope))
    assert header == f"00-{TRACE.hex}-800000000000abcd-00"
    assert tracing.parse(header) == (TRACE, 0x800000000000ABCD)
