"""A mail server in the test's own hands: it keeps what it accepts, and misbehaves when and where it is told."""

import asyncio
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from hub_deploy.embedded.process import free_port

KEPT = "250 2.0.0 Kept"
CUT = "cut"
"""As an answer: keep the mail, but close the connection instead of saying so."""


@dataclass(frozen=True)
class Mail:
    """An accepted mail with its envelope."""

    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed mail."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class PostOffice:
    """Listens on a port of its own; ``async with PostOffice() as office``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.kept: list[Mail] = []
        self.answers: list[str] = []
        self.recipient_answers: list[str] = []
        self.handed_over: list[str] = []
        self.answering = asyncio.Event()
        self.answering.set()
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Go away, cutting every connection."""
        if self._server is not None:
            self._server.close()
            self.cut()
            self._server = None
            await asyncio.sleep(0.05)

    def cut(self) -> None:
        """Cut every connection."""
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            transport: Any = session.transport
            if transport is not None:
                transport.abort()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.answering.set()
        await self.stop()

    def _session(self) -> SMTP:
        session = SMTP(self, enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
        self._sessions.append(session)
        return session

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.recipient_answers.pop(0) if self.recipient_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.handed_over.append(envelope.rcpt_tos[0])
        await self.answering.wait()
        answer = self.answers.pop(0) if self.answers else KEPT
        if answer in {KEPT, CUT}:
            assert isinstance(envelope.content, bytes)
            self.kept.append(Mail(to=envelope.rcpt_tos[0], raw=envelope.content))
        if answer == CUT:
            transport: Any = server.transport
            transport.abort()
        return answer
