"""Use case of a try: it counts before anything is compared, so that many at once do not get past the limit."""

from collections.abc import Sequence

from hub_chassis.database import Database
from hub_registry.attempts import repository
from hub_registry.attempts.model import Count
from hub_registry.errors import TooManyTries


async def count_try(door: Database, counts: Sequence[Count]) -> None:
    """Count a try as one in vain, in a transaction of its own; whoever succeeds calls ``succeeded``.

    A try that has to wait is not counted: a wait that is held up by asking again would never end.

    Raises:
        TooManyTries: with the seconds to wait.
    """
    async with door.transaction() as tx:
        found = {}
        for count in sorted(counts, key=lambda one: one.key):  # one order for all: no two tries wait for each other
            found[count] = await repository.lock_count(tx.conn, count)
        if longest := max(left_s for _, left_s in found.values()):
            raise TooManyTries(f"too many tries: wait {_words(longest)}, then try again", wait_s=longest)
        for count, (failures, _) in found.items():
            await repository.note_failure(tx.conn, count, failures + 1)


async def succeeded(door: Database, counts: Sequence[Count]) -> None:
    """Begin anew after a try that was right."""
    async with door.transaction() as tx:
        await repository.forget(tx.conn, counts)


def _words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
