"""What of the record a coordinator asks for: the page's filters, read and explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from hub_chassis.database import Conn
from hub_chassis.saying import LONDON
from hub_registry.audit.repository import Place, Wanted, find_staff, find_subjects
from hub_registry.errors import Finding, Invalid

ACTIONS: Final = ("seen", "created", "changed", "removed")
KINDS: Final = (
    "student", "slot", "employer", "school", "programme", "round", "submission", "pin", "approval", "staff", "hub",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they were typed."""

    who: str = ""
    what: str = ""
    action: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """Take the filters from the address."""
        return cls(**{name: query.get(name, "").strip()[:200] for name in cls.__dataclass_fields__})

    def address(self) -> dict[str, str]:
        """Give the filters that are set, for links."""
        return {name: value for name in self.__dataclass_fields__ if (value := getattr(self, name))}

    async def wanted(self, conn: Conn) -> Wanted:
        """Turn words into what the record knows; raises Invalid for a date that is none."""
        found: list[Finding] = []
        since, until = _day(self.since, "since", found), _day(self.until, "until", found)
        if found:
            raise Invalid("there is a problem", found)
        return Wanted(
            action=self.action if self.action in ACTIONS else None,
            subject_kind=self.kind if self.kind in KINDS else None,
            subject_ids=await find_subjects(conn, self.what) if self.what else None,
            staff_ids=await find_staff(conn, self.who) if self.who else None,
            since=since,
            until=until + timedelta(days=1) if until else None,
        )


def _day(text: str, field: str, found: list[Finding]) -> datetime | None:
    if not text:
        return None
    try:
        on = date.fromisoformat(text)
    except ValueError:
        found.append(Finding(field=field, message="enter a date, such as 2027-06-11"))
        return None
    return datetime(on.year, on.month, on.day, tzinfo=LONDON)


def place_of(text: str) -> Place | None:
    """Read a line's place from an address ("2027-06-11T09:00:00+00:00 c 17"); anything else is the beginning."""
    at, _, rest = text.partition(" ")
    kind, _, number = rest.partition(" ")
    if kind not in {"c", "v"} or not number.isdecimal() or len(number) > 18:
        return None
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Place(moment, kind, int(number)) if moment.tzinfo else None
