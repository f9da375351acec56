"""Talks to an OpenID provider: who it is, its keys, a token for a code. The site starts without it."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote_plus

import httpx
from joserfc.jwk import KeySet

from hub_registry.errors import AnswerNotTrusted, ProviderAway
from hub_registry.providers.metadata import Metadata, address_of, read, unusable
from hub_registry.providers.model import Asked, Registration, verified_email
from hub_registry.providers.tokens import KeyNotKnown, check_claims, read_id_token, read_keys

PATIENCE_S: Final = 8.0
"""Longest time for one answer; a person waits meanwhile."""
SHORT_PATIENCE_S: Final = 2.0
KNOWN_FOR_S: Final = 3600.0
LARGEST: Final = 500_000
_AWAY: Final = (
    "Your organisation's sign-in can't be reached now. Nothing was changed. Wait a moment and begin again, or sign in "
    "with a password of this site if you have one."
)
_OLD_CODE: Final = (
    "Your organisation's sign-in took back what it had said: it was used already, or is too old. Begin again."
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was good for."""

    id_token: str
    access_token: str | None


class Provider:
    """The provider of this installation; ``async with Provider.open(registration) as provider``."""

    def __init__(self, me: Registration, http: httpx.AsyncClient) -> None:
        self.me = me
        self._http = http
        self._metadata: tuple[float, Metadata] | None = None
        self._asking: asyncio.Task[Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, me: Registration) -> AsyncIterator[Self]:
        """Make one; it connects on first use."""
        async with httpx.AsyncClient(timeout=PATIENCE_S, headers={"accept": "application/json"}) as http:
            provider = cls(me, http)
            try:
                yield provider
            finally:
                if provider._asking is not None:
                    provider._asking.cancel()
                    await asyncio.gather(provider._asking, return_exceptions=True)

    async def metadata(self) -> Metadata:
        """Give what the provider says about itself, asked for once an hour; raises ProviderAway.

        All who ask at once get one answer: were each to wait for their own, the last of a class would wait minutes
        for a provider that is away.
        """
        if self._metadata is not None and self._metadata[0] >= time.monotonic():
            return self._metadata[1]
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._discover())
            self._asking.add_done_callback(lambda asked: asked.cancelled() or asked.exception())  # all may have gone
        return await asyncio.shield(self._asking)

    async def _discover(self) -> Metadata:
        document = await self._ask("GET", address_of(self.me.issuer))
        self._metadata = time.monotonic() + KNOWN_FOR_S, read(document, issuer=self.me.issuer)
        return self._metadata[1]

    async def end(self) -> str | None:
        """Give where people sign out of the provider; None when it says no such thing, or nothing in time."""
        with suppress(ProviderAway, TimeoutError):
            async with asyncio.timeout(SHORT_PATIENCE_S):
                return (await self.metadata()).end_session_endpoint
        return None

    async def exchange(self, code: str, asked: Asked) -> Tokens:
        """Give the code back for a token.

        Raises:
            ProviderAway: it does not answer, or does not know this site.
            AnswerNotTrusted: the code is of no use any more.
        """
        me, about = self.me, await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": me.back,
            "code_verifier": asked.verifier,
        }
        headers = {}
        if about.secret_in_header:
            both = f"{quote_plus(me.client_id)}:{quote_plus(me.client_secret)}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
        else:
            form |= {"client_id": me.client_id, "client_secret": me.client_secret}
        found = await self._ask("POST", about.token_endpoint, data=form, headers=headers)
        if found.get("error") == "invalid_grant":
            raise AnswerNotTrusted(_OLD_CODE, reason="invalid_grant")
        if "error" in found:
            raise unusable(f"token endpoint: {str(found['error'])[:60]}")
        if not isinstance(found.get("id_token"), str):
            raise unusable("token endpoint: no id token")
        access = found.get("access_token")
        return Tokens(found["id_token"], access if isinstance(access, str) else None)

    async def claims(self, tokens: Tokens, asked: Asked) -> dict[str, Any]:
        """Give what the id token says, once all of it is checked; new keys are fetched once if it names an unknown one.

        Raises:
            ProviderAway, AnswerNotTrusted.
        """
        algorithms = (await self.metadata()).algorithms
        try:
            token = read_id_token(tokens.id_token, await self._known_keys(), algorithms)
        except KeyNotKnown:
            try:
                token = read_id_token(tokens.id_token, await self._known_keys(anew=True), algorithms)
            except KeyNotKnown:
                raise unusable("the id token is signed by a key that the provider does not publish") from None
        return check_claims(
            token,
            issuer=self.me.issuer,
            client_id=self.me.client_id,
            nonce=asked.nonce,
            access_token=tokens.access_token,
            now_s=int(time.time()),
        )

    async def email_elsewhere(self, tokens: Tokens, *, subject: str) -> str | None:
        """Ask for a verified address where the id token has none; None when there is none, or it is another's."""
        endpoint = (await self.metadata()).userinfo_endpoint
        if endpoint is None or tokens.access_token is None:
            return None
        found = await self._ask("GET", endpoint, headers={"authorization": f"Bearer {tokens.access_token}"})
        return verified_email(found) if found.get("sub") == subject else None

    async def _known_keys(self, *, anew: bool = False) -> KeySet:
        if anew or self._keys is None or self._keys[0] < time.monotonic():
            document = await self._ask("GET", (await self.metadata()).jwks_uri)
            self._keys = time.monotonic() + KNOWN_FOR_S, read_keys(document)
        return self._keys[1]

    async def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """Ask for a JSON object, of a size and in a time that does no harm; raises ProviderAway."""
        body = bytearray()
        try:
            async with asyncio.timeout(PATIENCE_S), self._http.stream(method, address, **more) as answer:
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise unusable(f"{address}: more than {LARGEST} bytes")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as away:
            raise ProviderAway(_AWAY, reason=f"{address}: {type(away).__name__}") from away
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ProviderAway(_AWAY, reason=f"{address}: status {answer.status_code}")
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or (answer.status_code != 200 and "error" not in found):
            raise unusable(f"{address}: status {answer.status_code}, not what was asked for")
        return found
