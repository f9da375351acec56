"""What an operator decides about dead letters, at the command line of a service's machine or container:

python -m hub_chassis.deciding hub_registry list | replay ID | discard ID
"""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Sequence

import asyncpg

from hub_chassis import migrations, replay
from hub_chassis.database import Database
from hub_chassis.errors import DatabaseAway, DeadLetterNotFound
from hub_chassis.handlers import Handlers
from hub_chassis.settings import Settings

_ANOTHERS = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidParameterValueError,
    asyncpg.UndefinedTableError,
)
"""What PostgreSQL says at the address of another service's database, or of none."""


async def decide(package: str, what: str, dead_letter_id: int | None) -> int:
    """Do it and say what came of it; gives the exit status: 0, or 1 when a record failed again or is not there."""
    handlers: Handlers = importlib.import_module(f"{package}.handlers").handlers
    settings = Settings.load_or_exit().model_copy(update={"service": handlers.service})
    async with Database.open(settings, role=migrations.role_name(package, "worker")) as db:
        if dead_letter_id is None:
            waiting = await replay.waiting(db)
            if not waiting:
                print("no dead letters")
            for one in waiting:
                print(
                    f"{one.id}  {one.created_at:%Y-%m-%d %H:%M:%S}  {one.topic}  {one.key}  {one.reason}: {one.error}"
                )
            return 0
        act = replay.replay if what == "replay" else replay.discard
        try:
            done = await act(db, handlers, dead_letter_id)
        except DeadLetterNotFound:
            print(f"no dead letter {dead_letter_id} waits for a decision", file=sys.stderr)
            return 1
    print(f"{done.handled} handled" + (f"; {done.stopped_at} failed again: see list" if done.stopped_at else ""))
    return 1 if done.stopped_at else 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m hub_chassis.deciding", description=__doc__)
    parser.add_argument("package", help="the service's package: hub_registry, hub_matching, hub_notifier")
    doing = parser.add_subparsers(dest="what", required=True)
    doing.add_parser("list", help="what waits for a decision, oldest first")
    for what, help_ in (("replay", "handle it again, and what waits behind it"), ("discard", "drop it for good")):
        doing.add_parser(what, help=help_).add_argument("id", type=int)
    given = parser.parse_args(arguments)
    try:
        status = asyncio.run(decide(given.package, given.what, getattr(given, "id", None)))
    except (*_ANOTHERS, DatabaseAway, OSError) as error:
        print(f"refused: {error} (is HUB_DATABASE_URL that of {given.package}'s database?)", file=sys.stderr)
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
