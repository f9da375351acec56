"""Pictures of whole runs, made once for all who look: at region scale their rows take a fifth of a second to count.

A run's result never changes, but its pictures do a little: erased students leave it, and seats are those of the slots
as they stand. So a picture is kept with the version of what it was made of, which takes a few milliseconds to ask.
"""

from collections import OrderedDict
from typing import Final

from hub_chassis.transaction import Transaction
from hub_registry.access.principal import Principal, Role
from hub_registry.pictures import service
from hub_registry.pictures.model import Picture
from hub_registry.versions import of_rows
from hub_schemas.ids import HubId, RunId

KEPT: Final = 100
"""Pictures kept at once."""

# A student who changes school changes their rows' school: so the rows themselves, not their number, are the version.
_VERSION: Final = f"""
    SELECT concat_ws(' ', {of_rows("placement t", "t.run_id = $1")}, {of_rows("unplaced t", "t.run_id = $1")},
                     {of_rows("school t")}, {of_rows("slot t", "t.programme_id = r.programme_id")},
                     (SELECT count(*) FROM postcode))
      FROM run n
      JOIN round r USING (round_id)
     WHERE n.run_id = $1
"""
_PICTURES: Final[OrderedDict[tuple[HubId | None, RunId, str], tuple[str, Picture]]] = OrderedDict()


async def whole_of_run(tx: Transaction, me: Principal, run_id: RunId, *names: str) -> list[Picture]:
    """Give these pictures of a run with a result to a coordinator; raises NotKnown for an unknown name."""
    me.must_be(Role.HUB)
    version = str(await tx.conn.fetchval(_VERSION, run_id))
    kept = {name: _PICTURES.get((me.hub_id, run_id, name), ("", None)) for name in names}
    found = {name: picture for name, (of, picture) in kept.items() if picture is not None and of == version}
    missing = [name for name in names if name not in found]
    found |= zip(missing, await service.of_run(tx, run_id, *missing), strict=True)
    for name in names:
        _PICTURES[me.hub_id, run_id, name] = (version, found[name])
        _PICTURES.move_to_end((me.hub_id, run_id, name))
    while len(_PICTURES) > KEPT:
        _PICTURES.popitem(last=False)
    return [found[name] for name in names]
