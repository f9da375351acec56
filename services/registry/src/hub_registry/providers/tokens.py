"""Reading an id token: who signed it, for whom, when, in answer to what; no I/O.

Source:
    OpenID Connect Core 1.0, 3.1.3.7; the checks of the claims are authlib's, the signature's joserfc's.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from hub_registry.errors import AnswerNotTrusted
from hub_registry.providers.metadata import unusable

LEEWAY_S: Final = 60
"""How far the provider's clock may be from ours."""
_NOT_OURS: Final = (
    "The answer of your organisation's sign-in did not pass this site's checks, so nobody was signed in. Begin again; "
    "if it goes on, tell a coordinator of your hub. The log of this site has the reason."
)


class KeyNotKnown(Exception):
    """The token names a key that is not among these: the provider may have changed its keys."""


def read_keys(document: Any) -> KeySet:
    """Read a provider's public keys; those of an unknown kind are passed over.

    Raises:
        ProviderAway: there is none.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    keys: list[Key] = []
    for one in listed if isinstance(listed, list) else ():
        with suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
            keys.append(JWKRegistry.import_key(one))
    if not keys:
        raise unusable("no key can be read")
    return KeySet(keys)


def read_id_token(text: str, keys: KeySet, algorithms: Sequence[str]) -> jwt.Token:
    """Check a token's signature.

    Args:
        text: as the provider gave it.
        keys: the provider's.
        algorithms: those that are taken; at least one, because none means "the usual ones" to the library, and they
            include a secret that the provider shares with us.

    Raises:
        KeyNotKnown: it names a key that is not there.
        AnswerNotTrusted: it is signed by somebody else, in another way, or not at all.
    """
    if not algorithms:
        raise AnswerNotTrusted(_NOT_OURS, reason="no algorithm")
    try:
        return jwt.decode(text, keys, registry=JWSRegistry(algorithms=algorithms, strict_check_header=False))
    except InvalidKeyIdError:
        raise KeyNotKnown from None
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        raise AnswerNotTrusted(_NOT_OURS, reason=f"signature: {_told(wrong)}") from None


def check_claims(
    token: jwt.Token, *, issuer: str, client_id: str, nonce: str, access_token: str | None, now_s: int
) -> dict[str, Any]:
    """Check what a signed token says.

    Raises:
        AnswerNotTrusted: it is of another provider, for another site, too old, or answers another question.
    """
    options: dict[str, Any] = {name: {"essential": True} for name in ("sub", "exp", "iat")}
    options |= {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    claims = CodeIDToken(
        token.claims,
        token.header,
        options=options,
        params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    try:
        claims.validate(now=now_s, leeway=LEEWAY_S)
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        raise AnswerNotTrusted(_NOT_OURS, reason=f"id token: {_told(wrong)}") from None
    return dict(claims)


def _told(wrong: Exception) -> str:
    """Say what was wrong without repeating what the token says."""
    claim = getattr(wrong, "claim", "")
    return f"{getattr(wrong, 'error', '') or type(wrong).__name__} {claim}".strip()
