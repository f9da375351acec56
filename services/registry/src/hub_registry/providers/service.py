"""Use cases of signing in by a provider: lead somebody there, take what they come back with."""

from dataclasses import replace

from hub_chassis.database import Database
from hub_registry.access.principal import How
from hub_registry.attempts.model import counts_of_provider
from hub_registry.attempts.service import count_try, succeeded
from hub_registry.errors import AnswerNotTrusted
from hub_registry.providers.client import Provider
from hub_registry.providers.matching import known_before, known_by_address
from hub_registry.providers.model import ANOTHER, Asked, Named, Returned
from hub_registry.visits import repository
from hub_registry.visits.model import Visit
from hub_registry.visits.service import begin as begin_visit


async def begin(door: Database, provider: Provider, *, address: str, next_page: str) -> tuple[str, str]:
    """Begin a visit that waits for the provider's answer; gives its secret, and where to go.

    Raises:
        TooManyTries: too many were begun from there that came to nothing.
        ProviderAway: there is nowhere to go now.
    """
    await count_try(door, counts_of_provider(address))
    about = await provider.metadata()
    asked = Asked.anew()
    secret = await begin_visit(door, Visit(asked=asked.to_keep(), next_page=next_page))
    return secret, asked.address(about.authorization_endpoint, provider.me)


async def finish(door: Database, provider: Provider, returned: Returned, *, secret: str | None, address: str) -> str:
    """Take the provider's answer; gives the secret of the visit that goes on, as after a right password.

    The answer is used up, whatever becomes of it; one that fits no question of this browser uses nothing up.

    Raises:
        NotFromProvider: and why.
    """
    asked, next_page = await _take(door, returned, secret)
    about = await provider.metadata()
    returned.must_be_of(provider.me.issuer, says_so=about.authorization_response_iss_parameter_supported)
    returned.must_have_code()
    tokens = await provider.exchange(returned.code, asked)
    named = Named.by(await provider.claims(tokens, asked), provider.me)
    before = await known_before(door, named)
    if not before and named.email is None:
        named = replace(named, email=await provider.email_elsewhere(tokens, subject=named.subject))
    accounts = (*before, *await known_by_address(door, named, before))
    await succeeded(door, counts_of_provider(address))
    visit = Visit(accounts, How.PROVIDER, named.second_factor, next_page=next_page, id_token=tokens.id_token)
    return await begin_visit(door, visit)


async def _take(door: Database, returned: Returned, secret: str | None) -> tuple[Asked, str]:
    """End the visit that waits for this answer: only one of several at once gets it."""
    if secret is None:
        raise AnswerNotTrusted(ANOTHER, reason="the browser has no visit")
    async with door.transaction() as tx:
        visit = await repository.find_visit(tx.conn, secret)
        if visit is None or visit.asked is None:
            raise AnswerNotTrusted(ANOTHER, reason="no visit waits for an answer")
        asked = Asked(**visit.asked)
        returned.must_fit(asked)
        if await repository.find_visit(tx.conn, secret, take=True) is None:
            raise AnswerNotTrusted(ANOTHER, reason="the answer came twice at once")
    return asked, visit.next_page
