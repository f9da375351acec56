"""The caller of a request, once its token or session is known."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from hub_registry.errors import NotAllowed
from hub_schemas.ids import EmployerId, HubId, SchoolId, StaffId


class Role(StrEnum):
    """What a member of staff comes to do; a person with two roles has two records of staff."""

    ADVISER = "adviser"
    EMPLOYER = "employer"
    HUB = "hub"
    OPERATOR = "operator"


class How(StrEnum):
    """How a person signed in at the pages."""

    PASSWORD = "password"  # noqa: S105 -- a way of signing in, not a secret
    PROVIDER = "provider"
    """An OpenID provider said who it is."""
    DEMO = "demo"
    """One click, in demo mode only."""


class Scope(StrEnum):
    """What a token may be limited to; a token without scopes may do all that its role may."""

    READ = "read"
    WRITE = "write"
    IMPORT = "import"
    APPROVE = "approve"


class Row(Protocol):
    """What a row of the database is here: values by column."""

    def __getitem__(self, name: str, /) -> Any:
        """Give a column's value."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A member of staff acting through one token, or at a browser.

    An adviser has ``school_id``, an employer's volunteer ``employer_id``; the others neither.
    """

    staff_id: StaffId
    hub_id: HubId
    role: Role
    name: str
    school_id: SchoolId | None = None
    employer_id: EmployerId | None = None
    scopes: frozenset[str] = frozenset()
    signed_in: How | None = None
    """How a person at the pages signed in; None: a program with an API token."""
    second_factor: bool = False
    """Whether that person showed something besides a password: a one-time code, or what the provider asked for."""

    @classmethod
    def of(cls, row: Row, **more: Any) -> "Principal":
        """Make one of a row with a member of staff's own columns; ``more`` says how they came to act."""
        return cls(
            staff_id=StaffId(row["staff_id"]),
            hub_id=HubId(row["hub_id"]),
            role=Role(row["role"]),
            name=row["name"],
            school_id=SchoolId(row["school_id"]) if row["school_id"] else None,
            employer_id=EmployerId(row["employer_id"]) if row["employer_id"] else None,
            **more,
        )

    def settings(self) -> dict[str, str]:
        """Give the scope that row-level security reads (the hub's id is set by the transaction)."""
        return {
            "hub.role": self.role.value,
            "hub.staff_id": str(self.staff_id),
            "hub.school_id": self.school_id or "",
            "hub.employer_id": str(self.employer_id or ""),
        }

    def must_be(self, *roles: Role) -> None:
        """Let only these roles pass; raises NotAllowed."""
        if self.role not in roles:
            allowed = " or ".join(roles)
            raise NotAllowed(f"this takes the role {allowed}; your token has the role {self.role}")

    def must_have(self, scope: Scope) -> None:
        """Let only tokens pass that are not limited, or limited to this among others; raises NotAllowed."""
        if self.scopes and scope not in self.scopes:
            raise NotAllowed(f"this token is limited to {', '.join(sorted(self.scopes))}; this takes {scope}")
