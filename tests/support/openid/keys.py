"""The provider's keys, and tokens signed by them or by what only looks like them."""

import base64
import hmac
import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

Signer = RSAKey | ECKey


class Keys:
    """The key that signs now, and those that are published."""

    def __init__(self) -> None:
        self.published: list[Signer] = []
        self._made = 0
        self.signer: Signer = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.published.append(self.signer)

    def rotate(self, algorithm: str, *, publish: bool) -> None:
        """Sign with a new key from now on; the old one stays published for a while, as providers do."""
        self._made += 1
        parameters: KeyParameters = {"kid": f"{algorithm}-{self._made}", "use": "sig", "alg": algorithm}
        made = (
            RSAKey.generate_key(2048, parameters) if algorithm == "RS256" else ECKey.generate_key("P-256", parameters)
        )
        self.signer = made
        if publish:
            self.published.append(made)

    def document(self) -> dict[str, Any]:
        """Give the published half, and a key of a kind that nobody knows."""
        keys: list[Any] = list(KeySet(list(self.published)).as_dict()["keys"])
        return {"keys": [{"kty": "tomorrow", "kid": "unknown"}, *keys]}

    def sign(self, claims: dict[str, Any]) -> str:
        """Sign as one should."""
        header = {"alg": self.signer.alg, "kid": self.signer.kid}
        return jwt.encode(header, claims, self.signer, algorithms=[str(self.signer.alg)])

    def sign_not(self, claims: dict[str, Any]) -> str:
        """Claim that no signature is needed."""
        return f"{self._unsigned('none', claims)}."

    def sign_with(self, secret: bytes, claims: dict[str, Any]) -> str:
        """Sign with a secret where a key pair is due: the client's own, or the public key taken for a secret."""
        unsigned = self._unsigned("HS256", claims)
        return f"{unsigned}.{_base64(hmac.digest(secret, unsigned.encode(), 'sha256'))}"

    def _unsigned(self, algorithm: str, claims: dict[str, Any]) -> str:
        header = {"alg": algorithm, "kid": self.signer.kid}
        return ".".join(_base64(json.dumps(one).encode()) for one in (header, claims))

    def sign_as_somebody_else(self, claims: dict[str, Any]) -> str:
        """Sign with another key under the published one's name."""
        parameters: KeyParameters = {"kid": str(self.signer.kid), "alg": "RS256"}
        thief = RSAKey.generate_key(2048, parameters)
        return jwt.encode({"alg": "RS256", "kid": self.signer.kid}, claims, thief, algorithms=["RS256"])

    def public_pem(self) -> bytes:
        """Give the public key as a text that a careless library would take for a secret."""
        return self.signer.as_pem(private=False)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
