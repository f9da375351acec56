"""Which member of staff a command means."""

from uuid import UUID

from hub_chassis.transaction import Transaction
from hub_registry.errors import Conflict, StaffNotKnown
from hub_registry.hubs.repository import find_hub
from hub_registry.staff import repository


async def find_staff(tx: Transaction, staff: str, *, hub: str | None) -> UUID:
    """Find somebody by address or id; raises StaffNotKnown, or Conflict when an address is several people's."""
    if "@" not in staff:
        try:
            return UUID(staff)
        except ValueError:
            raise StaffNotKnown(f"'{staff}' is neither an address nor an id") from None
    found = await repository.find_by_email(tx.conn, staff)
    if hub is not None:
        hub_id = await find_hub(tx.conn, hub)
        found = [person for person in found if person["hub_id"] == hub_id]
    if not found:
        raise StaffNotKnown(f"nobody has the address {staff}")
    if len(found) > 1:
        raise Conflict(f"{staff} is {len(found)} members of staff: give --hub, or the id (see `hub staff list`)")
    staff_id: UUID = found[0]["staff_id"]
    return staff_id
