"""The notifier's settings: ``HUB_*`` in the environment, besides those of the chassis."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from hub_chassis.settings import Settings
from hub_notifier.channels.smtp import Security

CATCHER = "mail"
"""What docker-compose.yml calls its mail catcher: it answers every mail with "kept", and delivers none."""


class NotifierSettings(Settings):
    """Where the registry and the mail server are, and how patiently to deal with them."""

    service: str = Field(
        default="notifier", description="The service, named for itself: source of its facts, consumer group, log field"
    )
    registry_url: str = Field(pattern=r"^https?://", description="Base address of the registry's internal API")
    registry_timeout_s: float = Field(default=5.0, gt=0, description="Longest wait for one answer of the registry")

    smtp_host: str = Field(
        min_length=1, description="Mail server; `mail`, the catcher of docker-compose.yml, in demo mode only"
    )
    smtp_port: int = Field(default=25, ge=1, le=65535, description="Its port")
    smtp_security: Security = Field(default="auto", description="auto: STARTTLS if offered; starttls; tls; off")
    smtp_username: str | None = Field(default=None, description="Who signs in at the mail server; none: nobody does")
    smtp_password: SecretStr | None = Field(default=None, description="That account's password")
    smtp_answer_s: float = Field(default=60.0, gt=0, description="Longest wait for the answer to a message")
    mail_from: str = Field(min_length=3, description='"Name <address>" or an address')

    senders: int = Field(default=12, ge=1, le=50, description="Connections to the mail server")
    lease_s: float = Field(default=30.0, gt=0, description="A claimed notice is free again after this")
    hand_over_lease_s: float = Field(
        default=75.0, gt=0, description="A notice handed over by a worker silent for so long is uncertain"
    )
    idle_s: float = Field(default=0.5, gt=0, description="Pause between looks when nothing is due")
    held_look_s: float = Field(default=5.0, gt=0, description="Pause between looks at a hub that holds its notices")

    @model_validator(mode="after")
    def _mails_reach_people(self) -> Self:
        if not self.demo and self.smtp_host.lower().rstrip(".") == CATCHER:
            raise ValueError(
                f"HUB_SMTP_HOST={self.smtp_host} in production: that is the mail catcher of docker-compose.yml, which"
                " delivers nothing (name your mail server, by its full name if it is called so, and its HUB_SMTP_PORT;"
                " or HUB_DEMO=true to try out)"
            )
        return self
