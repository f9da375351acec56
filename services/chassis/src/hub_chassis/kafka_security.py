"""How to speak to the brokers, as FastStream and as aiokafka's own clients take it."""

import ssl
from typing import Any, Final

from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from hub_chassis.settings import Settings

_MECHANISMS: Final = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def security(settings: Settings) -> BaseSecurity:
    """What a FastStream broker takes; certificates are checked, host names too."""
    context = (
        ssl.create_default_context(cafile=settings.kafka_ca_file) if settings.kafka_security.endswith("tls") else None
    )
    if not settings.kafka_security.startswith("sasl_"):
        return BaseSecurity(ssl_context=context)
    if settings.kafka_username is None or settings.kafka_password is None:
        raise ValueError("no name and password")  # the settings refuse this
    kind = _MECHANISMS[settings.kafka_mechanism]
    return kind(settings.kafka_username, settings.kafka_password.get_secret_value(), ssl_context=context)


def client_options(settings: Settings) -> dict[str, Any]:
    """The same as keyword arguments of a client of aiokafka."""
    return parse_security(security(settings))
