"""The caller of a request, once its token is known."""

from dataclasses import dataclass
from enum import StrEnum

from hub_registry.errors import NotAllowed
from hub_schemas.ids import EmployerId, HubId, SchoolId, StaffId


class Role(StrEnum):
    """What a member of staff comes to do; a person with two roles has two records of staff."""

    ADVISER = "adviser"
    EMPLOYER = "employer"
    HUB = "hub"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a token may be limited to; a token without scopes may do all that its role may."""

    READ = "read"
    WRITE = "write"
    IMPORT = "import"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Principal:
    """A member of staff acting through one token.

    An adviser has ``school_id``, an employer's volunteer ``employer_id``; the others neither.
    """

    staff_id: StaffId
    hub_id: HubId
    role: Role
    name: str
    school_id: SchoolId | None = None
    employer_id: EmployerId | None = None
    scopes: frozenset[str] = frozenset()

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
