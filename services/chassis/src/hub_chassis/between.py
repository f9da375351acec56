"""The token that our services show each other, and how it is changed without a moment at which they are strangers."""

import secrets

from hub_chassis.settings import Settings


def is_ours(settings: Settings, authorization: str) -> bool:
    """Whether this ``Authorization`` header is one of our own services'.

    While the token is being changed two are known: give every service the new one, and the old as
    ``HUB_INTERNAL_TOKEN_BEFORE``; once all have been restarted, take the old one away.
    """
    scheme, _, shown = authorization.partition(" ")
    tokens = (settings.internal_token, settings.internal_token_before)
    known = [token.get_secret_value().encode() for token in tokens if token is not None]
    matching = sum(secrets.compare_digest(shown.encode(), one) for one in known)  # all are compared, whatever matches
    return scheme.lower() == "bearer" and matching > 0
