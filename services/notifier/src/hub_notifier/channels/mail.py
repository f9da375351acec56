"""A message as the bytes of an e-mail (RFC 5322, MIME): plain text and HTML, nothing that could forge a header."""

import re
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from hub_notifier.channels.channel import Message
from hub_notifier.errors import CannotRender

_LINE_START_DOT = re.compile(rb"(?m)^\.")


def compose(message: Message, *, sender: str, at: datetime) -> EmailMessage:
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
    mail = EmailMessage(policy=policy.SMTP)
    sender_name, sender_address = parseaddr(sender)
    try:
        mail["From"] = Address(display_name=sender_name, addr_spec=sender_address)
        mail["To"] = Address(display_name=message.to_name, addr_spec=ascii_address(message.to_address))
        mail["Subject"] = message.subject
    except (MessageError, ValueError, IndexError) as error:
        raise CannotRender("address_or_subject_not_possible") from error
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message.reference}@{sender_address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "en-GB"
    mail.set_content(message.text, subtype="plain", charset="utf-8", cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", charset="utf-8", cte="quoted-printable")
    return mail


def ascii_address(address: str) -> str:
    """Write an address's domain as DNS wants it; raises CannotRender for what is no plain ``local@domain``."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain) or re.search(r"[\s<>\x00-\x1f\x7f,;]", address.strip()):
        raise CannotRender("address_not_possible")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise CannotRender("address_not_possible") from error


def on_the_wire(mail: EmailMessage) -> bytes:
    """The bytes that follow DATA: CRLF line ends, leading dots doubled, the final dot included (RFC 5321, 4.5.2)."""
    body = _LINE_START_DOT.sub(b"..", mail.as_bytes())
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"
