"""Settings of an OpenID provider, what it may say of itself, and what an answer must show."""

from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from pydantic import ValidationError

from hub_registry.errors import AnswerNotTrusted, ProviderAway
from hub_registry.providers.metadata import is_safe, read
from hub_registry.providers.model import Asked, Named, Registration, Returned
from hub_registry.providers.tokens import KeyNotKnown, read_id_token, read_keys
from hub_registry.settings import Settings

ISSUER = "https://login.example/realm"
WHOLE = {
    "oidc_issuer": ISSUER,
    "oidc_client_id": "hub",
    "oidc_client_secret": "s3cret",
    "public_url": "https://hub.example",
}
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def settings(**given: Any) -> Settings:
    return Settings(database_url="postgresql://db/x", demo=False, internal_token="real", **given)  # noqa: S106


def test_without_settings_there_is_no_provider() -> None:
    assert settings().registration() is None


def test_registration_has_what_was_set() -> None:
    made = settings(**WHOLE, oidc_acr="gold silver", oidc_amr="otp").registration()
    assert made == Registration(ISSUER, "hub", "s3cret", "https://hub.example", acr=("gold", "silver"), amr=("otp",))
    assert made.back == "https://hub.example/sign-in/provider/back"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": ""}, "HUB_OIDC_ISSUER"),
        ({"oidc_issuer": "http://login.example"}, "HUB_OIDC_ISSUER"),
        ({"oidc_issuer": "login.example"}, "HUB_OIDC_ISSUER"),
        ({"oidc_issuer": f"{ISSUER}?x=1"}, "HUB_OIDC_ISSUER"),
        ({"oidc_issuer": f"{ISSUER}/.well-known/openid-configuration"}, "HUB_OIDC_ISSUER"),
        ({"oidc_client_id": ""}, "HUB_OIDC_CLIENT_ID"),
        ({"oidc_client_secret": ""}, "HUB_OIDC_CLIENT_SECRET"),
        ({"oidc_client_secret_file": "/run/secrets/hub"}, "HUB_OIDC_CLIENT_SECRET_FILE"),
        ({"oidc_client_secret": "", "oidc_client_secret_file": "/nowhere/at/all"}, "can't be read"),
        ({"public_url": "http://hub.example"}, "HUB_PUBLIC_URL"),
    ],
)
def test_settings_that_do_not_go_together_are_refused_by_name(given: dict[str, str], named: str) -> None:
    with pytest.raises(ValidationError, match=named) as refused:
        settings(**WHOLE | given)
    assert "s3cret" not in str(refused.value.errors(include_input=False))


def test_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    made = settings(**WHOLE | {"oidc_client_secret": "", "oidc_client_secret_file": str(file)}).registration()
    assert made is not None
    assert made.client_secret == "from a file"  # noqa: S105
    file.write_text("\n")
    with pytest.raises(ValidationError, match="is empty"):
        settings(**WHOLE | {"oidc_client_secret": "", "oidc_client_secret_file": str(file)})


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://x.example/", True),
        ("http://127.0.0.1:8080/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://x.example/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://localhost.evil.example/", False),
        ("ftp://x.example/", False),
        ("https://", False),
        ("", False),
    ],
)
def test_address_is_safe_over_https_or_on_this_machine(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": f"{ISSUER}/"},
        {"token_endpoint": "http://x.example"},
        {"end_session_endpoint": "http://x.example"},
        {"jwks_uri": None},
        {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ],
)
def test_provider_must_be_the_one_of_the_settings_and_safe_to_talk_to(wrong: dict[str, Any]) -> None:
    assert read(DOCUMENT, issuer=ISSUER).algorithms == ("RS256",)
    with pytest.raises(ProviderAway):
        read(DOCUMENT | wrong, issuer=ISSUER)


@pytest.mark.parametrize("document", [None, [], {}, {"keys": "x"}, {"keys": [{"kty": "new"}, {"kty": "RSA"}, 7]}])
def test_keys_that_can_not_be_read_are_no_keys(document: Any) -> None:
    with pytest.raises(ProviderAway):
        read_keys(document)


def test_signature_is_taken_by_no_other_way_than_the_listed_ones() -> None:
    key = RSAKey.generate_key(2048, {"kid": "one"})
    secret = OctKey.import_key(b"x" * 32, {"kid": "one"})
    right = jwt.encode({"alg": "RS256", "kid": "one"}, {"sub": "a"}, key)
    by_secret = jwt.encode({"alg": "HS256", "kid": "one"}, {"sub": "a"}, secret)
    assert read_id_token(right, KeySet([key]), ["RS256"]).claims == {"sub": "a"}
    theirs, shared = KeySet([key]), KeySet([secret])
    for text, keys, algorithms in (
        (right, theirs, ["ES256"]),
        (right, theirs, []),
        (by_secret, shared, ["RS256"]),
        (by_secret, shared, []),
        (f"{right}x", theirs, ["RS256"]),
        ("x.y.z", theirs, ["RS256"]),
        ("", theirs, ["RS256"]),
    ):
        with pytest.raises(AnswerNotTrusted):
            read_id_token(text, keys, algorithms)
    with pytest.raises(KeyNotKnown):
        read_id_token(jwt.encode({"alg": "RS256", "kid": "two"}, {}, key), KeySet([key]), ["RS256"])


def test_answer_must_name_its_issuer_where_the_provider_says_that_it_does() -> None:
    Returned(issuer=ISSUER).must_be_of(ISSUER, says_so=True)
    Returned(issuer=None).must_be_of(ISSUER, says_so=False)
    for issuer, says_so in ((None, True), ("https://evil.example", True), ("https://evil.example", False)):
        with pytest.raises(AnswerNotTrusted):
            Returned(issuer=issuer).must_be_of(ISSUER, says_so=says_so)


def test_question_keeps_what_the_endpoint_had_in_its_address() -> None:
    me = Registration(ISSUER, "hub & co", "s", "https://hub.example/")
    address = Asked.anew().address(f"{ISSUER}/authorize?tenant=1", me)
    assert address.startswith(f"{ISSUER}/authorize?tenant=1&response_type=code&client_id=hub+%26+co&")
    assert "acr_values" not in address


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({}, False),
        ({"acr": "gold"}, True),
        ({"acr": "gol"}, False),
        ({"amr": ["pwd", "otp"]}, True),
        ({"amr": []}, False),
    ],
)
def test_second_factor_is_one_that_the_settings_name(claims: dict[str, Any], shown: bool) -> None:
    me = Registration(ISSUER, "hub", "s", "https://hub.example", acr=("gold",), amr=("otp",))
    assert Named.by({"sub": "a"} | claims, me).second_factor is shown
