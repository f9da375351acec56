"""Runs the little provider as a process and tells it what to do."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from hub_deploy.embedded.process import Child, free_port, http_ok

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class LittleProvider:
    """A provider that runs."""

    issuer: str

    def will(self, *faults: str, **said: Any) -> dict[str, str]:
        """Tell it whom to let in (``user``) and what to do wrong; gives what it was asked last."""
        asked = httpx.post(f"{self.issuer}/test", json={"faults": faults, **said}, timeout=10).json()
        return dict(asked[0]) if asked else {}


@contextmanager
def little_provider() -> Iterator[LittleProvider]:
    """Run one until the block ends."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hub-openid-") as folder:
        argv = [sys.executable, "-m", "tests.support.openid.provider", str(port)]
        with Child("OpenID provider", argv, log=Path(folder) / "log", cwd=ROOT) as child:
            issuer = f"http://127.0.0.1:{port}"
            child.wait_until(lambda: http_ok(f"{issuer}/.well-known/openid-configuration"))
            yield LittleProvider(issuer)
