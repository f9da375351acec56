"""From a publication to its notices: one for each adviser and employer the registry names."""

import structlog

from hub_chassis.correlation import correlated
from hub_chassis.database import Database
from hub_notifier import metrics
from hub_notifier.errors import RegistryAway
from hub_notifier.notices import repository
from hub_notifier.notices.model import Publication, Recipient
from hub_notifier.registry import Gone, Registry, Superseded, Unreadable

log = structlog.get_logger(__name__)


class Expander:
    """Takes recorded publications, the longest waiting first."""

    def __init__(self, *, db: Database, registry: Registry, lease_s: float, held_look_s: float) -> None:
        self._db = db
        self._registry = registry
        self._lease_s = lease_s
        self._held_look_s = held_look_s

    async def work(self) -> bool:
        """Expand one publication; False when none is due. Raises RegistryAway: it is due again after the lease."""
        async with self._db.transaction() as tx:
            publication = await repository.claim_publication(tx.conn, lease_s=self._lease_s)
        if publication is None:
            return False
        with correlated(publication.correlation_id):
            await self._expand(publication)
        return True

    async def _expand(self, publication: Publication) -> None:
        answer = await self._registry.recipients(publication)
        match answer:
            case Superseded():
                async with self._db.transaction() as tx:
                    await repository.drop_publication(tx.conn, publication.run_id)
                metrics.PUBLICATIONS.labels("superseded").inc()
                return
            case Gone():  # it published this run: a wrong address, or a registry put back to an earlier day
                raise RegistryAway("publication_unknown")
            case Unreadable(fields):
                raise RegistryAway(f"answer_unreadable: {fields}")
        recipients = [Recipient(kind=one.kind, recipient_id=one.recipient_id) for one in answer.recipients]
        async with self._db.transaction() as tx:
            expanded = await repository.expand(tx.conn, publication, recipients)
            if answer.held:
                await repository.hold(tx.conn, publication.hub_id, look_s=self._held_look_s)
        metrics.PUBLICATIONS.labels("expanded" if expanded else "superseded").inc()
        log.info("notices to send", run_id=str(publication.run_id), notices=len(recipients) if expanded else 0)
