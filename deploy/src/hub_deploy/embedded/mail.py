"""An SMTP server that delivers nothing: it keeps every mail as an .eml file, to look at and to count.

Started with ``python -m hub_deploy.embedded.mail --port 1025 --dir mails``. It can also misbehave on demand, as mail
servers do: turn mails away for now, answer late, or accept a mail and drop the connection before saying so.
"""

import asyncio
import re
import signal
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

import typer
from aiosmtpd.smtp import SMTP, Envelope, Session

from hub_deploy.embedded.process import Child, free_port, port_open

_MAX_BYTES = 10_000_000
_PLAIN_ADDRESS = re.compile(r"<([\w+=-]+(?:\.[\w+=-]+)*@[\w-]+(?:\.[\w-]+)*)> *(.*)")


@dataclass(frozen=True)
class Faults:
    """How to misbehave; the default does not."""

    refuse_first: int = 0
    """Turn away that many mails with 451, try again later."""
    drop_first: int = 0
    """Keep that many mails but close the connection instead of answering: the sender cannot know."""
    delay_s: float = 0.0
    """Wait before answering each mail."""


class _Keeper:
    """aiosmtpd's handler: one call per mail."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self._folder = folder
        self._faults = faults
        self._seen = 0
        self._kept = 0
        self._number = len(list(folder.glob("*.eml")))  # goes on after an earlier run's mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self._seen += 1
        if self._faults.delay_s:
            await asyncio.sleep(self._faults.delay_s)
        if self._seen <= self._faults.refuse_first:
            return "451 4.3.0 Try again later"
        self._keep(envelope)
        if self._kept <= self._faults.drop_first:
            _cut(server)
        return "250 2.0.0 Kept"

    def _keep(self, envelope: Envelope) -> None:
        self._kept += 1
        self._number += 1
        mail_from, content = envelope.mail_from or "", envelope.content
        head = f"X-Envelope-From: {mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        body = content if isinstance(content, bytes) else (content or "").encode()
        # Named in order of arrival; renamed when whole, so that nobody reads half a mail.
        unfinished = self._folder / f".{uuid.uuid4().hex}"
        unfinished.write_bytes(head + body)
        unfinished.rename(self._folder / f"{self._number:06d}.eml")


class _Door(SMTP):
    """aiosmtpd without its two slow parts: messages line by line, and the whole grammar of plain addresses."""

    line_length_limit = _MAX_BYTES

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        plain = _PLAIN_ADDRESS.fullmatch(arg)
        return (plain[1], plain[2]) if plain else super()._getaddr(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a message and answer for it."""
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        message = bytearray()
        while not (message.endswith(b"\r\n.\r\n") or message == b".\r\n"):
            try:
                message += await self._reader.readuntil(b".\r\n")
            except asyncio.LimitOverrunError:
                await self.push("552 5.3.4 Too large")
                _cut(self)
                return
        envelope.content = bytes(message[:-3]).replace(b"\r\n.", b"\r\n").removeprefix(b".")
        answer = await self.event_handler.handle_DATA(self, self.session, envelope)
        self.envelope = self._create_envelope()
        await self.push(answer)


def _cut(server: SMTP) -> None:
    transport: Any = server.transport
    if transport is not None:
        transport.abort()


async def serve(port: int, folder: Path, faults: Faults, *, host: str = "127.0.0.1") -> None:
    """Listen until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    keeper = _Keeper(folder, faults)
    server = await loop.create_server(
        lambda: _Door(keeper, hostname="localhost", data_size_limit=_MAX_BYTES, enable_SMTPUTF8=True, loop=loop),
        host,
        port,
    )
    async with server:
        await ended.wait()


class MailCatcher:
    """The mail catcher as a process of its own; ``with MailCatcher(folder) as mails`` starts and stops it."""

    def __init__(self, folder: Path, *, port: int | None = None, faults: Faults | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.faults = faults or Faults()
        self._child: Child | None = None

    @property
    def child(self) -> Child | None:
        """The process, once started."""
        return self._child

    def start(self, timeout_s: float = 20.0) -> Self:
        """Start it and wait until it listens; raises ChildFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = Child("mail catcher", self._command(), log=self.folder / "mail.log").start()
        self._child.wait_until(lambda: port_open(self.port), timeout_s=timeout_s)
        return self

    def stop(self) -> None:
        """Stop it; the mails stay in the folder."""
        if self._child is not None:
            self._child.stop(timeout_s=5)

    def files(self) -> list[Path]:
        """List the kept mails in order of arrival."""
        return sorted(self.folder.glob("*.eml"))

    def count(self) -> int:
        """Count the mails kept so far."""
        return len(self.files())

    def messages(self) -> list[EmailMessage]:
        """Read the kept mails in order of arrival; the envelope is in X-Envelope-From and X-Envelope-To."""
        return [_parse(file.read_bytes()) for file in self.files()]

    def _command(self) -> Sequence[str]:
        return [
            sys.executable, "-m", "hub_deploy.embedded.mail",
            "--port", str(self.port), "--dir", str(self.folder),
            "--refuse-first", str(self.faults.refuse_first),
            "--drop-first", str(self.faults.drop_first),
            "--delay-s", str(self.faults.delay_s),
        ]  # fmt: skip

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _parse(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what policy.default makes
    return message


def main(  # noqa: PLR0917 - options of a command
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1")],
    folder: Annotated[Path, typer.Option("--dir", help="Where to keep the mails")],
    refuse_first: Annotated[int, typer.Option(help="Answer 451 to so many mails")] = 0,
    drop_first: Annotated[int, typer.Option(help="Keep so many mails, then cut the connection")] = 0,
    delay_s: Annotated[float, typer.Option(help="Seconds before each answer")] = 0.0,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 inside a container")] = "127.0.0.1",
) -> None:
    """Keep every mail sent to this port."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(port, folder, Faults(refuse_first, drop_first, delay_s), host=host))


if __name__ == "__main__":
    typer.run(main)
