"""Use cases of sessions: begin, end, end everywhere."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hub_chassis.database import Database
from hub_registry.access.principal import Principal
from hub_registry.access.secrets import new_secret
from hub_registry.sessions import repository
from hub_registry.sessions.model import How, Session
from hub_schemas.ids import new_id

AGENT_KEPT = 200
"""Characters of a browser's description that are kept, so that a person knows their sessions apart."""


async def begin_session(
    database: Database,
    principal: Principal,
    *,
    how: How,
    second_factor: bool,
    agent: str,
    lasts: timedelta,
    account_id: UUID | None = None,
) -> Session:
    """Let a person in whom the caller has made sure of; in a transaction of its own, with that person's scope."""
    known = replace(principal, signed_in=how, second_factor=second_factor)
    session = Session(new_id(), new_secret(), known, how, second_factor)
    async with database.transaction(hub_id=principal.hub_id, scope=principal.settings()) as tx:
        await repository.add_session(
            tx.conn,
            session.session_id,
            principal,
            secret=session.secret,
            how=how,
            second_factor=second_factor,
            agent=agent[:AGENT_KEPT],
            lasts=lasts,
            account_id=account_id,
        )
    return session
