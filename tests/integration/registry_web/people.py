"""People who are invited, set up a password and sign in, as tests of the pages need them."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp
from fastapi import FastAPI

from hub_chassis.database import Database
from hub_registry.access.principal import Role
from hub_registry.invitations.service import invite
from hub_registry.staff.service import add_staff
from hub_schemas.ids import HubId
from tests.integration.registry.world import World
from tests.support.visitor import Visitor

PASSWORD = "slate otter winds a clock"  # noqa: S105
SITE = "https://registry"


@dataclass(frozen=True)
class Invited:
    """Somebody who got a link."""

    staff_id: UUID
    email: str
    link: str


async def invited(
    world: World,
    role: Role,
    email: str,
    *,
    name: str = "Ada Lunt",
    school_id: str | None = None,
    hub_id: UUID | None = None,
    new_codes: bool = False,
    staff_id: UUID | None = None,
) -> Invited:
    """Invite somebody, who is added unless an id is given."""
    database: Database = world.app.state.databases["app"]
    async with database.transaction(hub_id=HubId(hub_id or world.hub_id), scope={"hub.role": "hub"}) as tx:
        if staff_id is None:
            added = await add_staff(tx, role=role, name=name, email=email, school_id=school_id)
            staff_id = added["staff_id"]
        made = await invite(tx, staff_id, by=None, resets_codes=new_codes, lasts=timedelta(days=7))
    return Invited(staff_id, email, made.link(""))


@asynccontextmanager
async def outside(app: FastAPI, *, address: str = "192.0.2.7") -> AsyncIterator[Visitor]:
    """A visitor as the internet has them: over https, so that cookies bound to it work."""
    async with Visitor(app, site=SITE, address=address) as visitor:
        yield visitor


async def set_up(visitor: Visitor, link: str, *, password: str = PASSWORD, codes: bool) -> str:
    """Accept an invitation; gives the secret of the codes that the page showed."""
    await visitor.open(link)
    _, body = visitor.form("")
    secret = body.split('name="totp_secret" value="')[1].split('"')[0]
    fields = {"password": password} | ({"code": code(secret)} if codes else {})
    await visitor.send(fields)
    assert visitor.page.status_code == 200, visitor.text()
    return secret


async def sign_in(visitor: Visitor, email: str, password: str = PASSWORD, *, next_page: str = "/") -> None:
    """Send address and password; a code may come next."""
    await visitor.open(f"/sign-in?next={next_page}")
    await visitor.send({"email": email, "password": password}, action="/sign-in")


def code(secret: str, *, steps_on: int = 0) -> str:
    """The code of now, or of so many half minutes later."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps_on)


async def wait_for_next_code(world: World) -> None:
    """Let the codes taken so far lie in the past."""
    async with world.owner() as conn:
        await conn.execute("UPDATE account SET totp_step = totp_step - 10 WHERE totp_step IS NOT NULL")
