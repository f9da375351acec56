"""Settings from the environment (``HUB_*``), the same wherever a service runs; a wrong one is refused by its name."""

import os
import sys
from difflib import get_close_matches
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub_chassis.errors import SettingsRefused

EX_CONFIG = 78
"""Exit status of a service that refuses its configuration (sysexits.h)."""

_ALIKE = 0.88
"""Names at least so alike (difflib's ratio) are taken for one another; other unknown names belong to somebody else."""

DEMO = "demo"
"""Secrets that begin so are for trying out: production refuses them."""


class Settings(BaseSettings):
    """What every service reads; a service extends it in its own settings.py and sets ``service``."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_",
        # A name set to nothing counts as not set, as in docker-compose.yml; what must be set is then missed by name.
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    service: str = Field(
        default="hub", description="The service, named for itself: source of its facts, consumer group, log field"
    )
    database_url: str = Field(description="Login role, no superuser; one database per service")
    database_owner_url: str | None = Field(default=None, description="Owner of the schema; used for migrations only")
    kafka_bootstrap: str = Field(default="127.0.0.1:9092", description="host:port, comma-separated")
    kafka_security: Literal["plaintext", "tls", "sasl_plaintext", "sasl_tls"] = Field(
        default="plaintext", description="How to speak to the brokers; sasl_: with a name and a password"
    )
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="How the name and the password are proven"
    )
    kafka_username: str | None = Field(default=None, description="Name for sasl_")
    kafka_password: SecretStr | None = Field(default=None, description="Password for sasl_")
    kafka_ca_file: FilePath | None = Field(
        default=None, description="PEM file of who signed the brokers' certificates; none: the system's authorities"
    )
    topic_prefix: str = Field(default="", description="In front of every topic and consumer group")
    http_host: str = Field(default="127.0.0.1", description="Address to answer on")
    http_port: int = Field(default=8000, ge=0, le=65535, description="Port to answer on; 0: any free one")
    demo: bool = Field(default=False, description="Demo mode: demo secrets are accepted")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="What is logged")
    log_format: Literal["json", "console"] = Field(default="json", description="How a line of the log looks")
    internal_token: SecretStr = Field(default=SecretStr("demo-internal-token"), description="Between our services")

    otlp_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Where traces go by OTLP over HTTP, without /v1/traces; none: nowhere",
    )
    trace_share: float = Field(default=0.2, ge=0, le=1, description="Share of traces that are recorded")
    internal_token_before: SecretStr | None = Field(
        default=None, min_length=1, description="The token before, still taken while it is being changed"
    )

    pool_size: int = Field(default=8, ge=1, description="Connections per role")
    acquire_timeout_s: float = Field(default=5.0, gt=0, description="Longest wait for a connection")
    command_timeout_s: float = Field(default=60.0, gt=0, description="Longest single statement")
    consumer_batch: int = Field(default=500, ge=1, le=500, description="Records per poll")
    session_timeout_ms: int = Field(default=10_000, ge=6_000, description="A silent consumer loses its partitions")
    max_poll_interval_ms: int = Field(default=300_000, ge=10_000, description="Longest time between two polls")
    graceful_timeout_s: float = Field(default=15.0, gt=0, description="Time to finish the batch in hand")
    dead_letter_limit: int = Field(default=100, ge=1, description="Open dead letters at which consuming stops")
    watchdog_s: float = Field(default=60.0, gt=0, description="No progress for so long while there is lag: exit")
    outbox_keep_s: float = Field(default=86_400.0, ge=0, description="Sent outbox rows are deleted after this")
    inbox_keep_s: float = Field(default=200 * 86_400.0, gt=0, description="Longer than the topics are kept")

    @model_validator(mode="before")
    @classmethod
    def _no_slip_of_the_pen(cls, values: Any) -> Any:
        known = {f"HUB_{field.upper()}" for field in cls.model_fields}
        for name in sorted(name.upper() for name in os.environ if name.upper().startswith("HUB_")):
            if name not in known and (meant := get_close_matches(name, known, n=1, cutoff=_ALIKE)):
                raise ValueError(f"{name} is no setting; did you mean {meant[0]}?")
        return values

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _is_postgres(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in {"postgresql", "postgres"}:
            raise ValueError("must begin with postgresql://")
        return url

    @model_validator(mode="after")
    def _kafka_is_whole(self) -> Self:
        if self.kafka_security.startswith("sasl_") and (self.kafka_username is None or self.kafka_password is None):
            raise ValueError(
                f"HUB_KAFKA_SECURITY={self.kafka_security} needs HUB_KAFKA_USERNAME and HUB_KAFKA_PASSWORD"
            )
        return self

    @model_validator(mode="after")
    def _no_demo_in_production(self) -> Self:
        if not self.demo and (names := self.demo_defaults()):
            raise ValueError(f"demo values in production: {', '.join(names)} (set them, or HUB_DEMO=true to try out)")
        return self

    def demo_defaults(self) -> list[str]:
        """Name the settings (as environment variables) that hold a demo secret."""
        names = []
        for field in type(self).model_fields:
            value = getattr(self, field)
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            secret = urlsplit(text).password if field.endswith("_url") and isinstance(text, str) else text
            is_secret = isinstance(value, SecretStr) or field.endswith("_url")
            if is_secret and isinstance(secret, str) and secret.startswith(DEMO):
                names.append(f"HUB_{field.upper()}")
        return names

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises SettingsRefused naming each setting that is wrong."""
        try:
            return cls()
        except ValidationError as refused:
            raise SettingsRefused([_reason(error["loc"], error["msg"]) for error in refused.errors()]) from None

    @classmethod
    def load_or_exit(cls) -> Self:
        """Read the environment, or say on standard error which settings are wrong and exit with status 78."""
        try:
            return cls.load()
        except SettingsRefused as refused:
            for reason in refused.reasons:
                print(reason, file=sys.stderr)
            sys.exit(EX_CONFIG)


def _reason(place: tuple[int | str, ...], message: str) -> str:
    name = "".join(f"HUB_{part}".upper().replace("HUB_HUB_", "HUB_") for part in place[:1])
    return f"{name}: {message}" if name else message
