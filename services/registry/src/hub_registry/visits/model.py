"""What is known of somebody who is not signed in yet, and what they are to be asked next; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from hub_registry.access.principal import How, Role
from hub_registry.accounts.repository import Account, Person

LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Visit:
    """How far somebody has come; kept on the server, the browser holds its secret."""

    account_ids: tuple[UUID, ...] = ()
    """Accounts whose password was right, or that the provider vouched for: of one person, one in each hub."""
    how: How | None = None
    second_factor: bool = False
    staff_id: UUID | None = None
    """Whom they chose to be."""
    totp_secret: str | None = None
    """Shown in a picture, not yet set up."""
    asked: dict[str, Any] | None = None
    """What the provider was asked: state, nonce and the verifier of the code."""
    next_page: str = "/"
    id_token: str | None = None
    """What the provider gave: it is shown there again when its person signs out."""


@dataclass(frozen=True, slots=True)
class ShowCode:
    """The one-time code of an account comes next."""

    account: Account


@dataclass(frozen=True, slots=True)
class SetUpCodes:
    """A coordinator whom the provider let in with a password alone sets up codes here."""

    account: Account


@dataclass(frozen=True, slots=True)
class Choose:
    """Several members of staff have this address: whom to be comes next."""

    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class NeedsInvitation:
    """A coordinator without codes: these are set up by an invitation, because a password alone may be stolen."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """No active member of staff has this address."""


@dataclass(frozen=True, slots=True)
class Done:
    """All was shown that this person has to show."""

    person: Person


Step = ShowCode | SetUpCodes | Choose | NeedsInvitation | Nobody | Done


def next_step(visit: Visit, *, people: Sequence[Person], accounts: Sequence[Account]) -> Step:
    """Say what comes next.

    Codes are asked for as soon as it is clear whose: whoever has only a password learns little of where a person works.
    """
    if not people:
        return Nobody()
    chosen = people[0] if len(people) == 1 else next((one for one in people if _id(one) == visit.staff_id), None)
    account = _account(chosen, accounts)
    if account is not None and not visit.second_factor:
        if account.totp_secret is not None:
            return ShowCode(account)
        if chosen is not None and chosen.principal.role is Role.HUB:
            return SetUpCodes(account) if visit.how is How.PROVIDER else NeedsInvitation()
    return Choose(people) if chosen is None else Done(chosen)


def _account(chosen: Person | None, accounts: Sequence[Account]) -> Account | None:
    if chosen is not None:
        return next(one for one in accounts if one.account_id == chosen.account_id)
    return accounts[0] if len(accounts) == 1 else None


def _id(person: Person) -> UUID:
    return person.principal.staff_id
