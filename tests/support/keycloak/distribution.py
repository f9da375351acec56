"""Keycloak as Maven Central has it: fetched once an account, checked by SHA-256, built once, linked for each run."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from hub_deploy.embedded.cache import cache_dir, only_one
from tests.support.servers import say

VERSION: Final = "26.5.6"
SHA256: Final = "490189d9dff05272432d51f71a069462eeca97f2920a694d539a1e6c26a5a347"
DATABASE: Final = "--db=dev-mem"
BUILD_S: Final = 600.0
_PATH: Final = f"org/keycloak/keycloak-quarkus-dist/{VERSION}/keycloak-quarkus-dist-{VERSION}.zip"
_CENTRAL: Final = "https://repo1.maven.org/maven2"


class NotFetched(Exception):
    """What came is not what was wanted, or nothing came."""


def home_below(folder: Path, *, java: Mapping[str, str]) -> Path:
    """Make a Keycloak's home below a folder, ready to start; the first time of an account fetches and builds it."""
    ready = cache_dir() / f"keycloak-{VERSION}"
    with only_one(cache_dir() / f"keycloak-{VERSION}.lock", say):
        if not ready.exists():
            _make(ready, java)
    home = folder / "keycloak"
    shutil.copytree(ready, home, copy_function=_linked)
    return home


def _make(ready: Path, java: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=ready.parent) as scratch:
        archive = Path(scratch) / "keycloak.zip"
        _fetch(archive)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(scratch)
        home = Path(scratch) / f"keycloak-{VERSION}"
        program = home / "bin" / "kc.sh"
        program.chmod(0o755)
        say(f"building Keycloak {VERSION}, once (about a minute) ...")
        subprocess.run(
            [program, "build", DATABASE],
            check=True,
            env=dict(os.environ) | dict(java),
            stdout=subprocess.DEVNULL,
            timeout=BUILD_S,
        )
        home.rename(ready)


def _fetch(archive: Path) -> None:
    mirror = os.environ.get("MAVEN_CENTRAL_MIRROR", _CENTRAL).rstrip("/")
    say(f"fetching Keycloak {VERSION} (165 MB) ...")
    digest = hashlib.sha256()
    with (
        archive.open("wb") as content,
        httpx.stream("GET", f"{mirror}/{_PATH}", timeout=60, follow_redirects=True) as answer,
    ):
        answer.raise_for_status()
        for part in answer.iter_bytes(1 << 20):
            digest.update(part)
            content.write(part)
    if digest.hexdigest() != SHA256:
        raise NotFetched(f"Keycloak {VERSION}: SHA-256 is {digest.hexdigest()}, wanted {SHA256}")


def _linked(source: str, target: str) -> None:
    """Link a file, or copy it to another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
