"""The registry's internal API, as the notifier asks it: whom to tell, and what, at the moment of telling."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx
from pydantic import ValidationError

from hub_chassis import correlation, tracing
from hub_notifier.errors import RegistryAway
from hub_notifier.notices.model import About, Notice, Publication, Recipient
from hub_notifier.view import (
    Address,
    AdviserView,
    ApplicationView,
    ChasedAdviserView,
    ChasedEmployerView,
    EmployerView,
    InvitationView,
    NoticeShown,
    NoticesShown,
    Recipients,
    View,
)
from hub_schemas.ids import NoticeId

AnswerT = TypeVar("AnswerT", Recipients, NoticesShown)
_FOLDERS: Final[Mapping[About, str]] = {"published": "notices", "chasing": "chases"}
_VIEWS: Final[Mapping[tuple[About, str], type[View]]] = {
    ("published", "adviser"): AdviserView,
    ("published", "employer"): EmployerView,
    ("chasing", "adviser"): ChasedAdviserView,
    ("chasing", "employer"): ChasedEmployerView,
    ("invitation", "person"): InvitationView,
    ("application", "person"): ApplicationView,
}


@dataclass(frozen=True)
class Gone:
    """The registry knows no such run or recipient (any more)."""


@dataclass(frozen=True)
class Superseded:
    """The registry says that the run no longer stands."""


@dataclass(frozen=True)
class Unreadable:
    """The registry answered something else than was agreed; ``fields`` names what, without values."""

    fields: str


@dataclass(frozen=True)
class Look:
    """What the registry says of one recipient now."""

    result_sha256: str
    held: bool
    address: Address
    view: View


Answer = Look | Gone | Superseded | Unreadable


class Registry:
    """A client with a few connections that are used again and again; ``async with`` closes them."""

    def __init__(self, *, url: str, token: str, timeout_s: float, connections: int) -> None:
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout_s,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            trust_env=False,
            verify=_trusted(),
        )

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def recipients(self, publication: Publication) -> Recipients | Gone | Superseded | Unreadable:
        """Ask whom to tell of a published run; ids only. Raises RegistryAway."""
        answer = await self._ask("GET", f"/internal/v1/rounds/{publication.round_id}/recipients", publication)
        return answer if isinstance(answer, Gone | Superseded) else _read(Recipients, answer)

    async def look(self, notices: Sequence[Notice]) -> dict[NoticeId, Answer]:
        """Ask for the addresses and views of notices' recipients, at most 100 of a kind; raises RegistryAway."""
        answers: dict[NoticeId, Answer] = {}
        run_of = attrgetter("publication.run_id")
        for _, some in groupby(sorted(notices, key=run_of), key=run_of):
            answers |= await self._look(list(some))
        return answers

    async def _look(self, notices: Sequence[Notice]) -> dict[NoticeId, Answer]:
        """Ask about notices of one run."""
        publication = notices[0].publication
        if publication.round_id is None:
            # Not a GET: what only this person may have, a link, is made for this answer and kept nowhere.
            raw = await self._ask("POST", f"/internal/v1/notice-requests/{publication.run_id}", publication)
        else:
            path = f"/internal/v1/rounds/{publication.round_id}/{_FOLDERS[publication.about]}"
            ids: dict[str, list[str]] = {"adviser": [], "employer": []}
            for notice in notices:
                ids[notice.recipient.kind].append(notice.recipient.recipient_id)
            raw = await self._ask("GET", path, publication, ids)
        if isinstance(raw, Gone):  # it published this run: a wrong address, or a registry put back to an earlier day
            raise RegistryAway("publication_unknown")
        answer = _read(NoticesShown, raw) if isinstance(raw, bytes) else raw
        if not isinstance(answer, NoticesShown):
            return {notice.notice_id: answer for notice in notices}
        found = {
            Recipient(one.kind, one.recipient_id): _look_of(answer, one, publication.about) for one in answer.notices
        }
        return {notice.notice_id: found.get(notice.recipient, Gone()) for notice in notices}

    async def _ask(
        self, method: str, path: str, publication: Publication, ids: Mapping[str, Sequence[str]] | None = None
    ) -> bytes | Gone | Superseded:
        params: dict[str, str | Sequence[str]] = {"run_id": str(publication.run_id), **(ids or {})}
        headers = {correlation.HEADER: str(publication.correlation_id)}
        if (context := tracing.current_traceparent()) is not None:
            headers[tracing.HEADER] = context
        try:
            answer = await self._client.request(method, path, params=params, headers=headers)
        except httpx.HTTPError as error:
            raise RegistryAway(type(error).__name__) from error
        match answer.status_code:
            case httpx.codes.OK:
                return answer.content
            case httpx.codes.NOT_FOUND:
                return Gone()
            case httpx.codes.CONFLICT:
                return Superseded()
            case status:  # failing, overloaded, or refusing our token: none is a fault of this notice
                raise RegistryAway(f"http_{status}")


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust: reading them takes longer than sending ten mails, so once for all clients."""
    return httpx.create_ssl_context(trust_env=False)


def _read(answer: type[AnswerT], content: bytes) -> AnswerT | Unreadable:
    try:
        return answer.model_validate_json(content)
    except ValidationError as error:
        return _unreadable(error)


def _look_of(answer: NoticesShown, shown: NoticeShown, about: About) -> Look | Unreadable:
    view = _VIEWS[about, shown.kind]
    try:
        address = Address.model_validate(shown.address)
        return Look(answer.result_sha256, answer.held, address, view.model_validate(shown.view))
    except ValidationError as error:
        return _unreadable(error)


def _unreadable(error: ValidationError) -> Unreadable:
    return Unreadable(", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()[:5]})))
