"""E-mail by SMTP, step by step: the caller commits between the server's "go ahead" and a message's first byte."""

import contextlib
import re
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Literal

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from hub_notifier.channels.channel import Accepted, Deferred, Message, Ready, Refused, Unclear
from hub_notifier.channels.mail import ascii_address, compose, on_the_wire
from hub_notifier.errors import ChannelAway

Security = Literal["auto", "starttls", "tls", "off"]

START_INPUT = 354
CLOSING = 421
GOODBYE_S = 2.0
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_START_TLS = {"auto": None, "starttls": True, "tls": False, "off": False}


class SmtpLine:
    """One connection to the mail server, used for many messages one after the other."""

    def __init__(self, client: aiosmtplib.SMTP, *, sender: str, sender_address: str, answer_s: float) -> None:
        self._client = client
        self._sender = sender
        self._sender_address = sender_address
        self._answer_s = answer_s
        self._body: bytes | None = None

    async def offer(self, message: Message) -> Ready | Deferred | Refused:
        """Name sender and recipient and wait for the server to ask for the message (354)."""
        self._body = on_the_wire(compose(message, sender=self._sender, at=datetime.now(UTC)))
        try:
            await self._client.mail(self._sender_address)
            await self._client.rcpt(ascii_address(message.to_address))
            reply = await self._client.execute_command(b"DATA")
        except aiosmtplib.SMTPRecipientRefused as refused:
            return await self._refusal(refused.code, refused.message)
        except aiosmtplib.SMTPResponseException as refused:  # of us or our sender: no recipient's fault
            await self.drop()
            raise ChannelAway(f"smtp_{refused.code}") from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.drop()
            raise ChannelAway(type(error).__name__) from error
        if reply.code == START_INPUT:
            return Ready()
        return await self._refusal(reply.code, reply.message)

    async def hand_over(self) -> Accepted | Deferred | Refused | Unclear:
        """Send the message and its final dot; the server's answer, or the lack of one, is what becomes of it."""
        body, self._body = self._body, None
        if body is None:
            raise ValueError("nothing was offered")
        try:
            protocol = _protocol(self._client)
            protocol.write(body)
        except aiosmtplib.SMTPServerDisconnected:
            return Deferred("connection_lost_before")
        try:
            reply = await protocol.read_response(timeout=self._answer_s)
        except aiosmtplib.SMTPResponseException:
            await self.drop()
            return Unclear("answer_unreadable")
        except (aiosmtplib.SMTPException, OSError) as error:
            await self.drop()
            return Unclear("no_answer" if isinstance(error, TimeoutError) else "connection_lost")
        if 200 <= reply.code < 300:
            return Accepted()
        if 400 <= reply.code < 600:
            return _definite(reply.code, reply.message)
        await self.drop()
        return Unclear(f"smtp_{reply.code}")

    @property
    def is_open(self) -> bool:
        """Whether another message can be offered."""
        return self._client.is_connected

    async def close(self) -> None:
        """Say goodbye, unless the line is broken or a message hangs in it."""
        if self._body is None and self.is_open:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=GOODBYE_S)
        await self.drop()

    async def drop(self) -> None:
        """Close the connection: whatever was offered and not handed over is void."""
        self._body = None
        self._client.close()

    async def _refusal(self, code: int, message: str) -> Deferred | Refused:
        """Make the line fit for the next message, then say what the refusal means for this one."""
        if code == CLOSING:
            await self.drop()
            raise ChannelAway(f"smtp_{code}")
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            await self.drop()
        return _definite(code, message)


class SmtpChannel:
    """The mail server of a hub."""

    name = "email"

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        security: Security = "auto",
        username: str | None = None,
        password: str | None = None,
        answer_s: float = 60.0,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._security = security
        self._username = username
        self._password = password
        self._answer_s = answer_s
        self._sender_address = ascii_address(parseaddr(sender)[1])

    async def open_line(self) -> SmtpLine:
        """Connect, secure and log in."""
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._security == "tls",
            start_tls=_START_TLS[self._security],
            username=self._username,
            password=self._password,
            timeout=min(self._answer_s, 20.0),
            local_hostname=self._sender_address.rpartition("@")[2],
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            with contextlib.suppress(Exception):
                client.close()
            raise ChannelAway(type(error).__name__) from error
        return SmtpLine(client, sender=self._sender, sender_address=self._sender_address, answer_s=self._answer_s)


def _protocol(client: aiosmtplib.SMTP) -> SMTPProtocol:
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("connection lost")
    return client.protocol


def _definite(code: int, message: str) -> Deferred | Refused:
    """Reduce an answer to its codes: its words may repeat the address, which has no place in the ledger."""
    enhanced = _ENHANCED.match(message.strip())
    reason = f"smtp_{code}" + (f"_{enhanced.group(1)}" if enhanced else "")
    return Deferred(reason) if 400 <= code < 500 else Refused(reason)
