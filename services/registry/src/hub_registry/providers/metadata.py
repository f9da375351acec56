"""What a provider says about itself (discovery), as far as it is used; no I/O.

Source:
    OpenID Connect Discovery 1.0, 3 and 4.3; OpenID Connect RP-Initiated Logout 1.0, 2.1.
"""

import ipaddress
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from hub_registry.errors import ProviderAway

WELL_KNOWN: Final = "/.well-known/openid-configuration"
CHECKED: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the provider has: none by a shared secret, and never an absent one."""


class Metadata(BaseModel):
    """The members of the document that matter here; absent ones mean what the specification says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The signatures that are taken; never empty, which a library could read as "any"."""
        return tuple(one for one in CHECKED if one in self.id_token_signing_alg_values_supported)

    @property
    def secret_in_header(self) -> bool:
        """Whether the secret goes into the header (which every provider must take) or into the form."""
        methods = self.token_endpoint_auth_methods_supported
        return "client_secret_basic" in methods or "client_secret_post" not in methods


def address_of(issuer: str) -> str:
    """Give where a provider says who it is."""
    return f"{issuer.rstrip('/')}{WELL_KNOWN}"


def read(document: Any, *, issuer: str) -> Metadata:
    """Check what a provider says of itself.

    Raises:
        ProviderAway: it is no such document, names another issuer, leads over a line that anybody may read, or signs
            with nothing that can be checked.
    """
    try:
        found = Metadata.model_validate(document)
    except ValidationError as wrong:
        fields = ", ".join(str(error["loc"][0]) if error["loc"] else "all" for error in wrong.errors())
        raise unusable(f"discovery: {fields}") from None
    if found.issuer != issuer:
        raise unusable(f"discovery names the issuer {found.issuer[:200]!r}, HUB_OIDC_ISSUER says {issuer!r}")
    endpoints = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint)
    if not all(is_safe(one) for one in (*endpoints, found.end_session_endpoint) if one is not None):
        raise unusable("discovery leads to an address without https")
    if not found.algorithms:
        raise unusable("the provider signs with nothing that can be checked here")
    return found


def unusable(reason: str) -> ProviderAway:
    """Make the refusal for a provider that answers, but not so that anybody could sign in; the log has the reason."""
    return ProviderAway(
        "Your organisation's sign-in answers in a way that this site can't use. It is not your fault, and nothing was "
        "changed. Tell a coordinator of your hub; the log of this site has the reason.",
        reason=reason,
    )


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what goes there: https, or this very machine."""
    try:
        parts = urlsplit(address)
        if parts.scheme == "http":
            return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)
