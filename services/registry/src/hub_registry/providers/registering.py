"""The settings of an OpenID provider, checked together: all of them, or none."""

from pathlib import Path
from urllib.parse import urlsplit

from hub_registry.providers.metadata import is_safe
from hub_registry.providers.model import Registration


def registration(
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    client_secret_file: str,
    site: str,
    acr: str,
    amr: str,
    label: str,
) -> Registration | None:
    """Give this site's registration; None when nothing is set.

    Raises:
        ValueError: naming the setting that is wrong or missing; of a secret it says nothing.
    """
    others = {
        "HUB_OIDC_CLIENT_ID": client_id,
        "HUB_OIDC_CLIENT_SECRET": client_secret,
        "HUB_OIDC_CLIENT_SECRET_FILE": client_secret_file,
        "HUB_OIDC_ACR": acr,
        "HUB_OIDC_AMR": amr,
    }
    if not issuer:
        if given := [name for name, value in others.items() if value]:
            raise ValueError(f"{', '.join(given)}: set HUB_OIDC_ISSUER too, or none of them")
        return None
    _must_be_an_issuer(issuer)
    if not client_id:
        raise ValueError("HUB_OIDC_CLIENT_ID: missing: it is what the provider calls this site")
    if not is_safe(site):
        raise ValueError("HUB_PUBLIC_URL: must begin with https:// where people come back from HUB_OIDC_ISSUER")
    secret = _secret(client_secret, client_secret_file)
    return Registration(issuer, client_id, secret, site, label, tuple(acr.split()), tuple(amr.split()))


def _must_be_an_issuer(issuer: str) -> None:
    parts = urlsplit(issuer)
    if not is_safe(issuer):
        raise ValueError("HUB_OIDC_ISSUER: must begin with https:// (http:// only on this machine)")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("HUB_OIDC_ISSUER: has no name, question mark or # in it")
    if parts.path.endswith("/.well-known/openid-configuration"):
        raise ValueError("HUB_OIDC_ISSUER: leave /.well-known/openid-configuration away")


def _secret(given: str, file: str) -> str:
    if bool(given) == bool(file):
        raise ValueError("HUB_OIDC_CLIENT_SECRET: set either this or HUB_OIDC_CLIENT_SECRET_FILE")
    if given:
        return given
    try:
        secret = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as unread:
        raise ValueError(f"HUB_OIDC_CLIENT_SECRET_FILE: {file} can't be read: {type(unread).__name__}") from None
    if not secret:
        raise ValueError(f"HUB_OIDC_CLIENT_SECRET_FILE: {file} is empty")
    return secret
