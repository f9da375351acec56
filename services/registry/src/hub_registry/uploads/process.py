"""The process of one large upload: reads its job from standard input, works, ends.

It ends at once when its standard input closes, which is when the service ends, in whatever way; what it had written
is undone by the database then.
"""

import asyncio
import json
import os
import sys
import threading
from typing import Any, Final
from uuid import UUID

from hub_chassis import logs
from hub_chassis.database import Database
from hub_registry.access.principal import Principal
from hub_registry.settings import IMPORT_ROLE, Settings
from hub_registry.uploads.service import work

BEHIND: Final = 10
"""Niceness: the pages come first."""


def main() -> None:
    """Work on one file."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65_536)
        if not part:
            os._exit(3)
        line += part
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    os.nice(BEHIND)
    job = json.loads(line)
    # Neither the token between services nor demo mode is any business of this process.
    settings = Settings(**job["settings"], demo=True)
    logs.configure(settings)
    asyncio.run(_work(settings, job))


async def _work(settings: Settings, job: dict[str, Any]) -> None:
    async with Database.open(settings, role=IMPORT_ROLE) as database:
        await work(database, UUID(job["upload_id"]), by=Principal.of(job["by"]))


def _end_with_the_service() -> None:
    while os.read(0, 1):
        continue
    os._exit(3)


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # the thread still reads
