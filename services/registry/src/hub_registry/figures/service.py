"""The worker that keeps the figures of rounds up to date. Every replica does, and all come to the same."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from hub_chassis.conn import Conn
from hub_chassis.errors import is_transient
from hub_chassis.service import Running
from hub_chassis.waiting import pause
from hub_registry import metrics
from hub_registry.figures import repository
from hub_registry.figures.model import Values, allocated, hubs, progress, states
from hub_registry.figures.repository import Allocated
from hub_registry.outcomes.groups import Grouping, by_group
from hub_registry.settings import Settings
from hub_schemas.ids import RunId

log = structlog.get_logger(__name__)

ROUNDS_EACH: Final = 5
"""Rounds shown of a hub, the newest: what there is to scrape stays bounded."""
PUBLISHED_DAYS: Final = 30
"""A round stays so long after its publication."""
SHOWN_GROUPS: Final = ("Free school meals", "Special educational needs")
KEEP_S: Final = 3600.0
"""What a run came to is asked again after this: erased students leave it."""


@dataclass
class Remembered:
    """What runs came to: asked once, because it takes a look at every placement."""

    runs: dict[UUID, tuple[float, Allocated, list[Grouping]]] = field(default_factory=dict)

    async def of(self, conn: Conn, run_ids: list[UUID]) -> Mapping[UUID, tuple[Allocated, list[Grouping]]]:
        """Give what these runs came to and forget all others."""
        now = time.monotonic()
        kept = {run_id: found for run_id, found in self.runs.items() if run_id in run_ids and now - found[0] < KEEP_S}
        for run_id in run_ids:
            if run_id not in kept:
                groups = [one for one in await by_group(conn, RunId(run_id)) if one.heading in SHOWN_GROUPS]
                kept[run_id] = (now, await repository.load_allocated(conn, run_id), groups)
        self.runs = kept
        return {run_id: (found, groups) for run_id, (_, found, groups) in kept.items()}


async def keep_figures(running: Running) -> None:
    """Look every few seconds (HUB_FIGURES_S) until the service stops; waits out what is transient."""
    settings = running.settings
    assert isinstance(settings, Settings)  # noqa: S101 -- main.py makes them so
    remembered = Remembered()
    while not running.stop.is_set():
        try:
            with metrics.FIGURES_SECONDS.time():
                async with running.worker_db.connection() as conn:
                    values = await look(conn, remembered)
            show(values)
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("where rounds stand can't be counted now", error=repr(error))
        await pause(running.stop, settings.figures_s)


async def look(conn: Conn, remembered: Remembered) -> Values:
    """Ask the database where all rounds stand."""
    rounds = await repository.load_rounds(conn, each=ROUNDS_EACH, days=PUBLISHED_DAYS)
    asked = await repository.load_progress(conn, [one.round_id for one in rounds])
    runs = {row["round_id"]: row for row in asked["shown"]}
    found = await remembered.of(conn, [row["run_id"] for row in asked["shown"]])
    values = hubs(await repository.load_hubs(conn), await repository.load_by_state(conn)) | states(rounds)
    values |= progress(rounds, asked)
    return values | allocated(rounds, {of: (row["gap"], *found[row["run_id"]]) for of, row in runs.items()})


def show(values: Values) -> None:
    """Let Prometheus have these figures, all of them at once."""
    for figures, rows in values.items():
        figures.replace(rows)
