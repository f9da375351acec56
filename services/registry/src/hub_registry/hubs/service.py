"""Use cases about hubs."""

import re

from hub_chassis.transaction import Transaction
from hub_registry.errors import Finding, Invalid
from hub_registry.hubs import repository
from hub_schemas.ids import HubId, new_id


async def create_hub(tx: Transaction, *, slug: str, name: str) -> HubId:
    """Create a hub; raises Invalid, AlreadyExists."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,62}", slug):
        message = "use 2 to 63 small letters, digits and hyphens"
        raise Invalid("the slug can't be used", [Finding(field="slug", message=message)])
    hub_id = HubId(new_id())
    await repository.insert_hub(tx.conn, hub_id, slug=slug, name=name)
    return hub_id
