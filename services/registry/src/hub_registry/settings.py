"""The registry's settings: the chassis' and a few of its own."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from hub_chassis.settings import Settings as ChassisSettings

ROLES = ("app", "worker", "import", "door")
APP_ROLE = "hub_registry_app"
WORKER_ROLE = "hub_registry_worker"
IMPORT_ROLE = "hub_registry_import"
DOOR_ROLE = "hub_registry_door"
"""Signs people in: passwords, codes and sessions of everybody, and nothing else."""


class Settings(ChassisSettings):
    """Read from HUB_*."""

    service: str = "registry"
    public_url: str = Field(default="http://127.0.0.1:8000", description="Where links in notices lead to")
    import_limit_bytes: int = Field(default=50_000_000, ge=1, description="Largest file an import takes")
    body_limit_bytes: int = Field(default=1_000_000, ge=1, description="Largest JSON body")
    key_wait_s: float = Field(default=10.0, gt=0, description="Wait for a running request with the same key")
    session_hours: float = Field(default=12.0, gt=0, le=72, description="Longest time a person stays signed in")
    session_idle_minutes: float = Field(default=120.0, gt=0, description="A session left alone for so long is over")
    invitation_days: float = Field(default=7.0, gt=0, le=30, description="A link to set up a password is good so long")
    local_accounts: bool = Field(default=True, description="Whether people may sign in with a password of this site")
    oidc_issuer: str = Field(default="", description="OpenID provider's issuer (https://…); empty: no provider")
    oidc_name: str = Field(default="your organisation", description="What the button calls the provider")
    oidc_client_id: str = Field(default="", description="This site's client id at the provider")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="This site's secret at the provider")
    oidc_second_factor: tuple[str, ...] = Field(
        default=("mfa",),
        description="Values of acr or amr by which the provider says that a second factor was shown, a JSON list",
    )
    token_days: int = Field(default=90, ge=1, description="A new token is valid so long unless said otherwise")

    @field_validator("oidc_issuer")
    @classmethod
    def _is_https(cls, issuer: str) -> str:
        host = urlsplit(issuer).hostname or ""
        if issuer and not (issuer.startswith("https://") or host in {"localhost", "127.0.0.1", "::1"}):
            raise ValueError("must begin with https://")
        return issuer

    @model_validator(mode="after")
    def _there_is_a_way_in(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("HUB_OIDC_CLIENT_ID: needed with HUB_OIDC_ISSUER")
        if not (self.oidc_issuer or self.local_accounts or self.demo):
            raise ValueError("nobody could sign in: set HUB_OIDC_ISSUER, or HUB_LOCAL_ACCOUNTS=true")
        return self
