"""The steps of telling one person: look, render, and hand over so that the message leaves at most once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub_notifier.channels.channel import Accepted, Deferred, Line, Message, Ready, Refused, Unclear
from hub_notifier.errors import CannotRender
from hub_notifier.notices.model import Ending, Failed, Notice, PutOff, Sent, Uncertain
from hub_notifier.notices.service import HASH_DIFFERS, SUPERSEDED
from hub_notifier.registry import Answer, Gone, Look, Superseded, Unreadable
from hub_notifier.render import render

RECIPIENT_GONE = "recipient_gone"


@dataclass(frozen=True)
class HeldBack:
    """The hub holds its notices."""


@dataclass(frozen=True)
class ClaimLost:
    """Somebody else has the notice by now, or it isn't to be sent any more; nothing left us."""


def prepare(notice: Notice, answer: Answer) -> Message | HeldBack | Failed | PutOff:
    """Say what this notice says by the registry's answer, and refuse what isn't the result that was published."""
    match answer:
        case Gone():
            return Failed(RECIPIENT_GONE)
        case Superseded():
            return Failed(SUPERSEDED)
        case Unreadable():
            return PutOff("registry_answer_unreadable")
        case Look():
            return _say(notice, answer)


def _say(notice: Notice, look: Look) -> Message | HeldBack | Failed:
    if look.result_sha256 != notice.publication.result_sha256:
        return Failed(HASH_DIFFERS)
    if look.held:
        return HeldBack()
    try:
        return render(notice, look.address, look.view)
    except CannotRender as error:
        return Failed(str(error))


async def send(line: Line, message: Message, *, begin: Callable[[], Awaitable[bool]]) -> Ending | ClaimLost:
    """Offer a message, commit that it is about to leave, and only then let it go.

    Args:
        line: an open line; closed when the message was offered and may not leave.
        message: what to send.
        begin: commits the hand-over; False when the claim is lost.

    Raises:
        ChannelAway: before anything of the message left.
        Exception: whatever ``begin`` raises; the line is closed and nothing of the message has left.
    """
    try:
        offered = await line.offer(message)
    except CannotRender as error:
        return Failed(str(error))
    if not isinstance(offered, Ready):
        return _ending(offered)
    try:
        may_leave = await begin()
    except BaseException:
        await line.drop()
        raise
    if not may_leave:
        await line.drop()
        return ClaimLost()
    return _ending(await line.hand_over())


def _ending(answer: Accepted | Deferred | Refused | Unclear) -> Ending:
    match answer:
        case Accepted():
            return Sent()
        case Deferred(reason):
            return PutOff(reason)
        case Refused(reason):
            return Failed(reason)
        case Unclear(reason):
            return Uncertain(reason)
