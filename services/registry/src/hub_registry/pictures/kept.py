"""Pictures of whole runs, made once for all who look: at region scale their rows take a fifth of a second to count.

A run's result never changes, but its pictures do a little: erased students leave it, and seats are those of the slots
as they stand. So a picture is kept with the version of what it was made of, which takes a few milliseconds to ask.
"""

from collections import OrderedDict
from typing import Final

from hub_chassis.conn import Conn
from hub_chassis.transaction import Transaction
from hub_registry.pictures import service
from hub_registry.pictures.model import Picture
from hub_schemas.ids import RunId

KEPT: Final = 100
"""Pictures kept at once."""

# Any change of a row gives it a new xmin, so that the sum changes with it.
_VERSION: Final = """
    SELECT concat_ws(' ', (SELECT count(*) FROM placement WHERE run_id = $1),
                     (SELECT count(*) FROM unplaced WHERE run_id = $1),
                     (SELECT concat(count(*), ' ', sum((s.xmin::text::bigint % 2147483647)::int))
                        FROM slot s
                       WHERE s.programme_id = (SELECT r.programme_id FROM run n JOIN round r USING (round_id)
                                                WHERE n.run_id = $1)),
                     (SELECT concat(count(*), ' ', sum((c.xmin::text::bigint % 2147483647)::int)) FROM school c))
"""
_PICTURES: Final[OrderedDict[tuple[RunId, str], tuple[str, Picture]]] = OrderedDict()


async def whole_of_run(tx: Transaction, run_id: RunId, *names: str) -> list[Picture]:
    """Give these pictures of a run with a result, for who sees the whole hub; raises NotKnown for an unknown name."""
    version = await _version(tx.conn, run_id)
    found = {name: kept[1] for name in names if (kept := _PICTURES.get((run_id, name))) and kept[0] == version}
    missing = [name for name in names if name not in found]
    found |= zip(missing, await service.of_run(tx, run_id, *missing), strict=True)
    for name in names:
        _PICTURES[run_id, name] = (version, found[name])
        _PICTURES.move_to_end((run_id, name))
    while len(_PICTURES) > KEPT:
        _PICTURES.popitem(last=False)
    return [found[name] for name in names]


async def _version(conn: Conn, run_id: RunId) -> str:
    return str(await conn.fetchval(_VERSION, run_id))
