"""What a way of reaching people must be able to do: get ready, hand over once, and know what it doesn't know."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """A rendered notice and where it goes; every text is one line except the two bodies."""

    reference: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Ready:
    """The other side waits for the message; nothing of it has left us."""


@dataclass(frozen=True)
class Accepted:
    """The other side took responsibility for the message."""


@dataclass(frozen=True)
class Deferred:
    """The other side definitely doesn't have the message and may take it later."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """The other side definitely doesn't have the message and never will."""

    reason: str


@dataclass(frozen=True)
class Unclear:
    """The message left us and no answer came."""

    reason: str


class Line(Protocol):
    """A connection that carries one message at a time, many in a row."""

    async def offer(self, message: Message) -> Ready | Deferred | Refused:
        """Do all that can be done without giving the message away; raises ChannelAway."""

    async def hand_over(self) -> Accepted | Deferred | Refused | Unclear:
        """Give away the message offered last. Never raises for what the other side does: that would hide its fate."""

    @property
    def is_open(self) -> bool:
        """Whether another message can be offered."""

    async def close(self) -> None:
        """Hang up politely."""

    async def drop(self) -> None:
        """Hang up at once: a message that was offered and not handed over is forgotten by the other side."""


class Channel(Protocol):
    """Opens lines."""

    name: str

    async def open_line(self) -> Line:
        """Connect; raises ChannelAway."""
