"""``python -m tests.support.trace_picture OUT.svg``: draws the traces of a published round, as the services sent them.

Plays the pilot's round on the whole stack with every trace kept; takes those of its run and of its publication.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from hub_deploy.stack.stack import running
from tests.support.stacks import new_story, upload_files
from tests.support.trace_sink import KeptSpan, TraceSink

WIDTH, LEFT, ROW, TOP = 1060, 380, 22, 56
INKS = {"hub-registry": "#0b6e99", "hub-matching": "#4b7a1f", "hub-notifier": "#b3541e"}


@dataclass(frozen=True)
class Bar:
    """Spans of one name under one parent, drawn as one."""

    service: str
    name: str
    depth: int
    count: int
    began_ns: int
    ended_ns: int


def bars(spans: Sequence[KeptSpan]) -> list[Bar]:
    """The trace as a tree, like spans beneath each other put together, in the order they began."""
    children: dict[str, list[KeptSpan]] = {}
    ids = {span.span_id for span in spans}
    for span in spans:
        children.setdefault(span.parent_id if span.parent_id in ids else "", []).append(span)
    return _under(children, [""], 0)


def _under(children: dict[str, list[KeptSpan]], parents: Sequence[str], depth: int) -> list[Bar]:
    alike: dict[tuple[str, str], list[KeptSpan]] = {}
    for span in sorted((span for parent in parents for span in children.get(parent, [])), key=lambda s: s.began_ns):
        alike.setdefault((span.service, span.name), []).append(span)
    found: list[Bar] = []
    for (service, name), group in alike.items():
        began, ended = min(span.began_ns for span in group), max(span.ended_ns for span in group)
        found.append(Bar(service, name, depth, len(group), began, ended))
        found += _under(children, [span.span_id for span in group], depth + 1)
    return found


def picture(title: str, sections: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """An SVG: each trace under its heading, a row for each bar, its place and length by time."""
    parts: list[str] = []
    y = TOP
    for heading, rows in sections:
        parts += _section(heading, rows, y)
        y += ROW * (len(rows) + 2)
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{y}" fill="white"/>',
        f'<text x="16" y="24" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for place, (service, ink) in enumerate(INKS.items()):
        column = LEFT + 130 * place
        head.append(f'<rect x="{column}" y="34" width="10" height="10" fill="{ink}"/>')
        head.append(f'<text x="{column + 15}" y="43">{service}</text>')
    return "\n".join([*head, *parts, "</svg>", ""])


def _section(heading: str, rows: Sequence[Bar], top: int) -> list[str]:
    zero, end = min(row.began_ns for row in rows), max(row.ended_ns for row in rows)
    scale = (WIDTH - LEFT - 90) / (end - zero)
    parts = [f'<text x="16" y="{top + 15}" font-weight="bold">{escape(heading)}: {(end - zero) / 1e9:.1f} s</text>']
    for number, row in enumerate(rows, 1):
        y, took_ns = top + ROW * number, row.ended_ns - row.began_ns
        x, width = LEFT + (row.began_ns - zero) * scale, max(took_ns * scale, 2)
        times = f" × {row.count:,}" if row.count > 1 else ""
        parts += [
            f'<text x="{16 + 14 * row.depth}" y="{y + 15}">{escape(row.name)}{times}</text>',
            f'<rect x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="14" fill="{INKS.get(row.service, "#555")}"/>',
            f'<text x="{x + width + 5:.1f}" y="{y + 15}" fill="#333">{took_ns / 1e6:,.0f} ms</text>',
        ]
    return parts


def trace_with(sink: TraceSink, name: str) -> list[KeptSpan]:
    """The only trace that has a span of this name."""
    (trace,) = [spans for spans in sink.traces().values() if any(span.name == name for span in spans)]
    return trace


def main() -> None:
    """Play, take the trace, draw it."""
    (out,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as made, TraceSink() as sink:
        folder = Path(made)
        upload_files(folder / "uploads")
        traced = {"HUB_OTLP_URL": sink.url, "HUB_TRACE_SHARE": "1"}
        extra = {service: dict(traced) for service in ("registry", "matching", "notifier")}
        with running(folder / "stack", durable=False, extra=extra) as stack:
            story = new_story(stack)
            story.tell(folder / "uploads")
        told = trace_with(sink, "tell")
        mails = sum(span.name == "tell" for span in told)
        sections = [
            ("The run, from its request to its result", bars(trace_with(sink, "solve"))),
            (f"Its publication, to the last of {mails:,} mails", bars(told)),
        ]
        Path(out).write_text(picture("A pilot's round in two traces", sections), encoding="utf-8")


if __name__ == "__main__":
    main()
