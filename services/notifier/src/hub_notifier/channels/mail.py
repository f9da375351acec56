"""A message as the bytes of an e-mail (RFC 5322, MIME): plain text and HTML, nothing that could forge a header.

Made with the older of Python's e-mail interfaces: the newer one, ``EmailMessage``, puts spaces into long words of
other scripts when it folds a header (seen in 3.11).
"""

import re
from datetime import datetime
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr, parseaddr

from hub_notifier.channels.channel import Message
from hub_notifier.errors import CannotRender

_CRLF = policy.compat32.clone(linesep="\r\n")
_LINE_START_DOT = re.compile(rb"(?m)^\.")
_NOT_IN_AN_ADDRESS = re.compile(r"[\s<>()\[\]\\\"\x00-\x1f\x7f,;:]")
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def compose(message: Message, *, sender: str, at: datetime) -> MIMEMultipart:
    """Make the mail.

    Args:
        message: what to say and to whom.
        sender: "Name <address>" or an address.
        at: time of the Date header, aware.

    Returns:
        multipart/alternative, text first; its Message-ID follows from the reference, so that a second copy, should
        there ever be one, can be told by the reader's mail system.

    Raises:
        CannotRender: the address isn't one, or a header would have more than one line.
    """
    if any(_NOT_IN_A_HEADER.search(text) for text in (message.subject, message.to_name, message.reference)):
        raise CannotRender("header_not_possible")
    sender_name, sender_address = parseaddr(sender)
    mail = MIMEMultipart("alternative")
    mail["From"] = _mailbox("From", sender_name, sender_address)  # type: ignore[assignment] # a Header is taken as well
    mail["To"] = _mailbox("To", message.to_name, ascii_address(message.to_address))  # type: ignore[assignment]
    mail["Subject"] = _words("Subject", message.subject)  # type: ignore[assignment]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message.reference}@{sender_address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "en-GB"
    mail.attach(MIMEText(message.text, "plain", _utf8()))  # type: ignore[arg-type] # a Charset is taken as well
    mail.attach(MIMEText(message.html, "html", _utf8()))  # type: ignore[arg-type]
    return mail


def ascii_address(address: str) -> str:
    """Write an address's domain as DNS wants it; raises CannotRender for what is no plain ``local@domain``."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain) or _NOT_IN_AN_ADDRESS.search(local + domain):
        raise CannotRender("address_not_possible")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise CannotRender("address_not_possible") from error


def on_the_wire(mail: MIMEMultipart) -> bytes:
    """The bytes that follow DATA: CRLF line ends, leading dots doubled, the final dot included (RFC 5321, 4.5.2)."""
    body = _LINE_START_DOT.sub(b"..", mail.as_bytes(policy=_CRLF))
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _mailbox(header: str, name: str, address: str) -> Header | str:
    if _is_plain(name):
        return formataddr((name, address))
    words = _words(header, name)
    words.append(f"<{address}>", "us-ascii")
    return words


def _words(header: str, text: str) -> Header:
    return Header(text, "us-ascii" if _is_plain(text) else "utf-8", header_name=header)


def _is_plain(text: str) -> bool:
    """Whether a text stands in a header as it is, and isn't taken for an encoded word there."""
    return text.isascii() and "=?" not in text


def _utf8() -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset
