"""A message as the bytes of an e-mail (RFC 5322, MIME): plain text and HTML, nothing that could forge a header.

Put together by hand, because thousands leave at once and the standard library takes over a millisecond for each; its
``Header`` still folds and encodes what isn't short and plain (the newer ``EmailMessage`` puts spaces into long words
of other scripts when it does so: seen in 3.11).
"""

import base64
import re
import secrets
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache

from hub_notifier.channels.channel import Message
from hub_notifier.errors import CannotRender

LONGEST_LINE = 998
"""Without its line end (RFC 5322, 2.1.1)."""
_FOLD_AFTER = 76
_NOT_IN_AN_ADDRESS = re.compile(r"[\s<>()\[\]\\\"\x00-\x1f\x7f,;:]")
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def compose(message: Message, *, sender: str, at: datetime) -> bytes:
    """Make the mail.

    Args:
        message: what to say and to whom.
        sender: "Name <address>" or an address.
        at: time of the Date header, aware.

    Returns:
        multipart/alternative, text first, lines ending in CRLF; its Message-ID follows from the reference, so that a
        second copy, should there ever be one, can be told by the reader's mail system.

    Raises:
        CannotRender: the address isn't one, or a header would have more than one line.
    """
    if any(_NOT_IN_A_HEADER.search(text) for text in (message.subject, message.to_name, message.reference)):
        raise CannotRender("header_not_possible")
    sent_by, domain = _sender(sender)
    boundary = f"=_{secrets.token_hex(12)}"  # nobody whose words are in the mail can know it
    head = (
        sent_by,
        _mailbox("To", message.to_name, ascii_address(message.to_address)),
        _words("Subject", message.subject),
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{message.reference}@{domain}>",
        "Auto-Submitted: auto-generated",
        "Content-Language: en-GB",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
    )
    between = f"\r\n--{boundary}\r\n".encode()
    end = f"\r\n--{boundary}--\r\n".encode()
    parts = (_part(message.text, "plain"), between, _part(message.html, "html"))
    return b"".join(("\r\n".join(head).encode(), between, *parts, end))


def ascii_address(address: str) -> str:
    """Write an address's domain as DNS wants it; raises CannotRender for what is no plain ``local@domain``."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain) or _NOT_IN_AN_ADDRESS.search(local + domain):
        raise CannotRender("address_not_possible")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise CannotRender("address_not_possible") from error


def on_the_wire(mail: bytes) -> bytes:
    """The bytes that follow DATA: leading dots doubled, the final dot included (RFC 5321, 4.5.2)."""
    return mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"


@cache
def _sender(sender: str) -> tuple[str, str]:
    """The From header, and the domain of its address."""
    name, address = parseaddr(sender)
    return _mailbox("From", name, address), address.rpartition("@")[2]


def _mailbox(header: str, name: str, address: str) -> str:
    if _is_plain(name):
        return _words(header, formataddr((name, address)))
    words = Header(name, "utf-8", header_name=header)
    words.append(f"<{address}>", "us-ascii")
    return _folded(header, words)


def _words(header: str, text: str) -> str:
    if not _is_plain(text):
        return _folded(header, Header(text, "utf-8", header_name=header))
    if len(header) + len(text) < _FOLD_AFTER:
        return f"{header}: {text}"
    return _folded(header, Header(text, "us-ascii", header_name=header))


def _folded(header: str, words: Header) -> str:
    text = words.encode(linesep="\r\n")
    return f"{header}: {text}"


def _is_plain(text: str) -> bool:
    """Whether a text stands in a header as it is, and isn't taken for an encoded word there."""
    return text.isascii() and "=?" not in text


def _part(text: str, subtype: str) -> bytes:
    """A body with its headers: as it is if any mail server takes it so, else in base64."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = "\r\n".join(lines).encode()
    if text.isascii() and max(map(len, lines)) <= LONGEST_LINE:
        encoding = "7bit"
    else:
        encoding, body = "base64", base64.encodebytes(body).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + body
