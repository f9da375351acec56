"""The registry's settings: the chassis' and a few of its own."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from hub_chassis.settings import Settings as ChassisSettings
from hub_registry.providers.model import Registration
from hub_registry.providers.registering import registration

ROLES = ("app", "worker", "import", "door")
APP_ROLE = "hub_registry_app"
WORKER_ROLE = "hub_registry_worker"
IMPORT_ROLE = "hub_registry_import"
DOOR_ROLE = "hub_registry_door"
"""Signs people in: passwords, codes and sessions of everybody, and nothing else."""


class Settings(ChassisSettings):
    """Read from HUB_*."""

    service: str = Field(
        default="registry", description="The service, named for itself: source of its facts, consumer group, log field"
    )
    public_url: str = Field(default="http://127.0.0.1:8000", description="Where links in notices lead to")
    import_limit_bytes: int = Field(default=50_000_000, ge=1, description="Largest file an import takes")
    body_limit_bytes: int = Field(default=1_000_000, ge=1, description="Largest JSON body")
    key_wait_s: float = Field(default=10.0, gt=0, description="Wait for a running request with the same key")
    session_hours: float = Field(default=12.0, gt=0, le=72, description="Longest time a person stays signed in")
    session_idle_minutes: float = Field(default=120.0, gt=0, description="A session left alone for so long is over")
    invitation_days: float = Field(default=7.0, gt=0, le=30, description="A link to set up a password is good so long")
    figures_s: float = Field(
        default=15.0, gt=0, le=60, description="Between two looks at where rounds stand, for metrics"
    )
    token_days: int = Field(default=90, ge=1, description="A new token is valid so long unless said otherwise")

    oidc_issuer: str = Field(
        default="", description="OpenID provider to sign in with, as its discovery document writes it"
    )
    oidc_client_id: str = Field(default="", description="This site's name at the provider")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="This site's secret at the provider")
    oidc_client_secret_file: str = Field(default="", description="File that holds it, instead")
    oidc_acr: str = Field(default="", description="acr values asked for, each good as second factor; by spaces")
    oidc_amr: str = Field(default="", description="amr values that are good as second factor; by spaces")
    oidc_label: str = Field(default="Sign in with your organisation", min_length=1, description="Words of its button")

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        self.registration()
        return self

    def registration(self) -> Registration | None:
        """Give this site's registration at an OpenID provider, None without one; raises ValueError naming a setting."""
        return registration(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret.get_secret_value(),
            client_secret_file=self.oidc_client_secret_file,
            site=self.public_url,
            acr=self.oidc_acr,
            amr=self.oidc_amr,
            label=self.oidc_label,
        )
