"""Pages of one role: for everybody else they are not there."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from hub_registry.access.principal import Principal, Role
from hub_registry.errors import NotKnown
from hub_registry.sessions.model import Session


def _only(*roles: Role) -> Callable[[Request], Principal]:
    def check(request: Request) -> Principal:
        session: Session = request.state.session
        if session.principal.role not in roles:
            raise NotKnown("check the address, or go back to the home page")
        return session.principal

    return check


Coordinator = Annotated[Principal, Depends(_only(Role.HUB))]
"""Who is signed in, a coordinator of the hub; anybody else gets "page not found"."""

Adviser = Annotated[Principal, Depends(_only(Role.ADVISER))]
"""Who is signed in, a school's careers adviser; anybody else gets "page not found"."""

Host = Annotated[Principal, Depends(_only(Role.EMPLOYER))]
"""Who is signed in, somebody of an employer; anybody else gets "page not found"."""

Member = Annotated[Principal, Depends(_only(Role.ADVISER, Role.EMPLOYER))]
"""Who is signed in, of a school or an employer; anybody else gets "page not found"."""
