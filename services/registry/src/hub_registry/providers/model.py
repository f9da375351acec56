"""What an OpenID provider is asked, and whom its answer names; no I/O.

Source:
    OpenID Connect Core 1.0, 3.1; RFC 7636 (PKCE), RFC 9207 (the issuer in the answer), RFC 9700 (what is best).
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub_registry.errors import AnswerNotTrusted, ProviderSaidNo

BACK: Final = "/sign-in/provider/back"
AFTERWARDS: Final = "/sign-in"
SCOPE: Final = "openid email"
LONGEST_SUBJECT: Final = 255
ANOTHER: Final = (
    "This answer belongs to no sign-in that this browser has begun, or to one that was used, took longer than ten "
    "minutes or was begun again in another tab. Nothing was changed. Begin again."
)


@dataclass(frozen=True, slots=True)
class Registration:
    """This site as the provider knows it, and what its word is worth here."""

    issuer: str
    client_id: str
    client_secret: str
    site: str
    label: str = "Sign in with your organisation"
    acr: tuple[str, ...] = ()
    """Classes of signing in that are asked for, and that count as a second factor."""
    amr: tuple[str, ...] = ()
    """Methods of signing in that count as a second factor."""

    @property
    def back(self) -> str:
        """Where the provider sends people back to."""
        return f"{self.site.rstrip('/')}{BACK}"

    @property
    def afterwards(self) -> str:
        """Where the provider sends people to who signed out there."""
        return f"{self.site.rstrip('/')}{AFTERWARDS}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What fits one answer to one browser: made anew each time, kept on the server, used once."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def anew(cls) -> "Asked":
        """Make one that nobody can guess."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    def to_keep(self) -> dict[str, Any]:
        """Give what a visit keeps of it."""
        return asdict(self)

    def address(self, endpoint: str, me: Registration) -> str:
        """Give the address at which the provider is asked."""
        asked = {
            "response_type": "code",
            "client_id": me.client_id,
            "redirect_uri": me.back,
            "scope": SCOPE,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": create_s256_code_challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        if me.acr:
            asked["acr_values"] = " ".join(me.acr)
        return str(add_params_to_uri(endpoint, list(asked.items())))


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back in its address: anybody may have written it."""

    state: str = ""
    code: str = ""
    error: str = ""
    issuer: str | None = None

    def must_fit(self, asked: Asked) -> None:
        """Let only the answer to this question pass; raises AnswerNotTrusted."""
        if not hmac.compare_digest(self.state.encode(), asked.state.encode()):
            raise AnswerNotTrusted(ANOTHER, reason="state")

    def must_be_of(self, issuer: str, *, says_so: bool) -> None:
        """Let only this provider's answers pass, errors among them.

        Raises:
            AnswerNotTrusted: another issuer is named, or none where the provider says that it names itself.
        """
        if self.issuer != issuer and (self.issuer is not None or says_so):
            raise AnswerNotTrusted(
                "The answer names another provider than the one that was asked. Nothing was changed. Begin again.",
                reason="iss of the answer",
            )

    def must_have_code(self) -> None:
        """Let only good news pass; raises ProviderSaidNo."""
        if self.error == "access_denied":
            raise ProviderSaidNo(
                "Signing in was cancelled, or your organisation does not let you into this site. Begin again, or ask "
                "your organisation's IT support.",
                reason=self.error,
            )
        if self.error or not self.code:
            raise ProviderSaidNo(
                "Your organisation's sign-in could not finish. Wait a moment and begin again; if it goes on, tell your "
                "organisation's IT support.",
                reason=self.error[:60] or "no code",
            )


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the provider named, by an answer that passed every check."""

    issuer: str
    subject: str
    email: str | None
    """Only one that the provider says was verified."""
    second_factor: bool

    @classmethod
    def by(cls, claims: Mapping[str, Any], me: Registration) -> "Named":
        """Read claims that were checked; raises AnswerNotTrusted for a name that is none."""
        subject = claims["sub"]
        if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
            raise AnswerNotTrusted("The answer of your organisation's sign-in names nobody. Begin again.", reason="sub")
        return cls(
            me.issuer,
            subject,
            verified_email(claims),
            second_factor=claims.get("acr") in me.acr or any(method in me.amr for method in claims.get("amr") or ()),
        )


def verified_email(claims: Mapping[str, Any]) -> str | None:
    """Give the address that is said to be verified; words like "true" do not say so."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    return email if "@" in email and email.isprintable() else None


def address_of_the_end(endpoint: str, me: Registration, id_token: str) -> str:
    """Give the address at which a person signs out of the provider too."""
    asked = {"client_id": me.client_id, "post_logout_redirect_uri": me.afterwards, "id_token_hint": id_token}
    return str(add_params_to_uri(endpoint, list(asked.items())))
