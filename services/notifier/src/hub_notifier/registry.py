"""The registry's internal API, as the notifier asks it: whom to tell, and what, at the moment of telling."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import ValidationError

from hub_chassis import correlation
from hub_notifier.errors import RegistryAway
from hub_notifier.notices.model import Notice, Publication
from hub_notifier.view import AdviserAnswer, EmployerAnswer, Recipients

AnswerT = TypeVar("AnswerT", Recipients, AdviserAnswer, EmployerAnswer)


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


class Registry:
    """A client with a few connections that are used again and again; ``async with`` closes them."""

    def __init__(self, *, url: str, token: str, timeout_s: float, connections: int) -> None:
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=timeout_s,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            trust_env=False,
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
        answer = await self._get(f"/internal/v1/rounds/{publication.round_id}/recipients", publication)
        return answer if isinstance(answer, Gone | Superseded) else _read(Recipients, answer)

    async def look(self, notice: Notice) -> AdviserAnswer | EmployerAnswer | Gone | Superseded | Unreadable:
        """Ask for one recipient's address and view; raises RegistryAway."""
        kind, recipient_id = notice.recipient.kind, notice.recipient.recipient_id
        path = f"/internal/v1/rounds/{notice.publication.round_id}/notices/{kind}/{recipient_id}"
        answer = await self._get(path, notice.publication)
        if isinstance(answer, Gone | Superseded):
            return answer
        return _read(AdviserAnswer, answer) if kind == "adviser" else _read(EmployerAnswer, answer)

    async def _get(self, path: str, publication: Publication) -> bytes | Gone | Superseded:
        headers: Mapping[str, str] = {correlation.HEADER: str(publication.correlation_id)}
        try:
            answer = await self._client.get(path, params={"run_id": str(publication.run_id)}, headers=headers)
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


def _read(answer: type[AnswerT], content: bytes) -> AnswerT | Unreadable:
    try:
        return answer.model_validate_json(content)
    except ValidationError as error:
        return Unreadable(", ".join(sorted({".".join(map(str, item["loc"])) for item in error.errors()[:5]})))
