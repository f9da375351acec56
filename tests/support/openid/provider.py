"""``python -m tests.support.openid.provider PORT``: an OpenID provider that lets in whoever it was told to.

It is strict where ours must be right: one code once, PKCE, the client's secret, the address to come back to. What it
does wrong, it does because a test asked by ``POST /test``: {"user": {…}, "faults": ["nonce", …]}.
"""

import base64
import hashlib
import secrets
import sys
import time
from typing import Any
from urllib.parse import unquote_plus, urlencode

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.support.openid.keys import Keys

CLIENT, SECRET = "placement hub", "a secret: with + and /"  # need encoding in the header (RFC 6749, 2.3.1)


class Provider:
    """What it knows, and what it was told."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys = Keys()
        self.codes: dict[str, dict[str, str]] = {}
        self.access: dict[str, dict[str, Any]] = {}
        self.user: dict[str, Any] = {}
        self.faults: set[str] = set()
        self.about: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []

    def told(self, said: dict[str, Any]) -> None:
        """Take what a test wants."""
        self.user, self.faults = said.get("user", self.user), set(said.get("faults", ()))
        self.about = said.get("about", {})
        if algorithm := said.get("rotate"):
            self.keys.rotate(algorithm, publish="unpublished" not in self.faults)

    def document(self) -> dict[str, Any]:
        """Say who it is."""
        address = self.issuer
        return {
            "issuer": address,
            "authorization_endpoint": f"{address}/authorize?realm=one",
            "token_endpoint": f"{address}/token",
            "jwks_uri": f"{address}/keys",
            "userinfo_endpoint": f"{address}/userinfo",
            "end_session_endpoint": f"{address}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        } | self.about

    def answer(self, asked: dict[str, str]) -> dict[str, str]:
        """Give what goes back in the address."""
        self.asked.append(asked)
        answer = {"state": asked["state"], "iss": self.issuer}
        if "cancelled" in self.faults:
            answer |= {"error": "access_denied", "error_description": "<script>alert(1)</script>"}
        elif "broken" in self.faults:
            answer |= {"error": "server_error"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            answer["code"] = code
        if "other issuer" in self.faults:
            answer["iss"] = "https://evil.example"
        if "no issuer" in self.faults:
            del answer["iss"]
        return answer

    def exchange(self, form: dict[str, str], client: tuple[str, str]) -> tuple[int, dict[str, Any]]:
        """Give tokens for a code, once."""
        if client != (CLIENT, SECRET) or "client unknown" in self.faults:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or asked["code_challenge_method"] != "S256"
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        self.access[access] = dict(self.user)
        claims = self.claims(asked, access)
        return 200, {"token_type": "Bearer", "access_token": access, "id_token": self.signed(claims)}

    def claims(self, asked: dict[str, str], access: str) -> dict[str, Any]:
        """Say who it is, to whom, and in answer to what."""
        now, half = int(time.time()), hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
            **({"sub": self.user["sub"]} if "mail elsewhere" in self.faults else self.user),
        }
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another site"},
            "audience among others": {"aud": [CLIENT, "another site"], "azp": "another site"},
            "issuer": {"iss": "https://evil.example"},
            "expired": {"iat": now - 600, "exp": now - 61},
            "from the future": {"iat": now + 3600, "exp": now + 7200},
            "at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            "long name": {"sub": "x" * 256},
            "clock behind": {"iat": now - 90, "exp": now - 30},
        }
        for fault in self.faults & wrong.keys():
            claims |= wrong[fault]
        return {name: value for name, value in claims.items() if f"no {name}" not in self.faults}

    def signed(self, claims: dict[str, Any]) -> str:
        """Sign, or do what looks like it."""
        if "alg none" in self.faults:
            return self.keys.sign_not(claims)
        if "alg by secret" in self.faults:
            return self.keys.sign_with(SECRET.encode(), claims)
        if "alg by public key" in self.faults:
            return self.keys.sign_with(self.keys.public_pem(), claims)
        return self.keys.sign_as_somebody_else(claims) if "signature" in self.faults else self.keys.sign(claims)


def build(provider: Provider) -> FastAPI:
    """Make the server."""
    app = FastAPI()

    @app.post("/test")
    async def told(request: Request) -> Response:
        provider.told(await request.json())
        return JSONResponse(provider.asked[-1:])

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> Response:
        if "away" in provider.faults:
            return JSONResponse({"error": "away"}, status_code=503)
        return JSONResponse(provider.document())

    @app.get("/keys")
    async def keys() -> Response:
        return JSONResponse(provider.keys.document())

    @app.get("/authorize")
    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        if asked["client_id"] != CLIENT or asked["response_type"] != "code" or asked["realm"] != "one":
            return JSONResponse({"error": "unauthorized_client"}, status_code=400)
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(provider.answer(asked))}", status_code=302)

    @app.post("/token")
    async def token(request: Request) -> Response:
        if "token away" in provider.faults:
            return JSONResponse({}, status_code=502)
        form = {name: str(value) for name, value in (await request.form()).items()}
        status, body = provider.exchange(form, _client(request, form))
        return JSONResponse(body, status_code=status)

    @app.get("/userinfo")
    async def userinfo(request: Request) -> Response:
        found = provider.access.get(request.headers["authorization"].removeprefix("Bearer "))
        if found is None:
            return JSONResponse({"error": "invalid_token"}, status_code=401)
        return JSONResponse(found | ({"sub": "another"} if "other userinfo" in provider.faults else {}))

    return app


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    header = request.headers.get("authorization", "")
    if not header.startswith("Basic "):
        return form.get("client_id", ""), form.get("client_secret", "")
    name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)


if __name__ == "__main__":
    number = int(sys.argv[1])
    uvicorn.run(build(Provider(f"http://127.0.0.1:{number}")), port=number, log_level="warning")
