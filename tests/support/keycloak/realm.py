"""The realm that the journeys use: this site as a client, and people with what makes each of them special."""

import json
from dataclasses import dataclass
from typing import Any, Final

REALM: Final = "organisation"
CLIENT: Final = "placement-hub"
SECRET: Final = "keycloak & hub: 50 % + more"  # noqa: S105 -- of a server that lives as long as a test
PASSWORD: Final = "their own password"  # noqa: S105
OTP_SECRET: Final = "twenty bytes, no more"  # noqa: S105


@dataclass(frozen=True)
class There:
    """Somebody at the organisation."""

    name: str
    email: str
    verified: bool = True
    has_codes: bool = False

    def representation(self) -> dict[str, Any]:
        """Give them as Keycloak reads people."""
        first, _, last = self.name.partition(" ")
        credentials: list[dict[str, Any]] = [{"type": "password", "value": PASSWORD, "temporary": False}]
        if self.has_codes:
            data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
            credentials.append(
                {
                    "type": "otp",
                    "secretData": json.dumps({"value": OTP_SECRET}),
                    "credentialData": json.dumps(data),
                }
            )
        return {
            "username": self.email.partition("@")[0],
            "enabled": True,
            "email": self.email,
            "emailVerified": self.verified,
            "firstName": first,
            "lastName": last,
            "credentials": credentials,
        }


JO: Final = There("Jo Lunt", "jo@school.example")
ADA: Final = There("Ada Moss", "ada@hub.example")
BEN: Final = There("Ben Carr", "ben@hub.example", has_codes=True)
EVE: Final = There("Eve Stranger", "eve@elsewhere.example")
PAT: Final = There("Pat Unsure", "pat@school.example", verified=False)


def realm(site: str) -> dict[str, Any]:
    """Give the realm as Keycloak imports it."""
    amr = {"id.token.claim": "true", "access.token.claim": "false"}
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "clients": [
            {
                "clientId": CLIENT,
                "secret": SECRET,
                "enabled": True,
                "protocol": "openid-connect",
                "publicClient": False,
                "standardFlowEnabled": True,
                "directAccessGrantsEnabled": False,
                "redirectUris": [f"{site}/sign-in/provider/back"],
                "attributes": {
                    "pkce.code.challenge.method": "S256",
                    "post.logout.redirect.uris": f"{site}/sign-in",
                },
                "protocolMappers": [
                    {"name": "amr", "protocol": "openid-connect", "protocolMapper": "oidc-amr-mapper", "config": amr}
                ],
            }
        ],
        "users": [one.representation() for one in (JO, ADA, BEN, EVE, PAT)],
    }
