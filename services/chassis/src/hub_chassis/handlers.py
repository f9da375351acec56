"""Which function of a service handles which fact."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hub_chassis.transaction import Transaction
from hub_schemas.envelope import Fact

FactT = TypeVar("FactT", bound=Fact)
Handle = Callable[[FactT, Transaction], Awaitable[None]]


@dataclass(frozen=True)
class Taken(Generic[FactT]):
    """One of several events handled together: the event, and the transaction as this event sees it."""

    event: FactT
    tx: Transaction


HandleMany = Callable[[Sequence[Taken[FactT]]], Awaitable[None]]


@dataclass(frozen=True)
class Wanted:
    """A fact's class and the function that handles it, taking several at once if they came one after the other."""

    fact: type[Fact]
    handle: Callable[[Sequence[Taken[Any]]], Awaitable[None]]
    together: bool


class Handlers:
    """The handlers of one service; its consumer group is the topic prefix and ``service``."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._wanted: dict[tuple[str, type[Fact]], Wanted] = {}

    def consume(self, topic: str, fact: type[FactT]) -> Callable[[Handle[FactT]], Handle[FactT]]:
        """Register a handler: it takes one event in one transaction, writes through it and does nothing slow.

        It may run again for the same event when its transaction was rolled back; never after it was committed.
        Raise Permanent (or anything not transient) to make the record a dead letter, Transient to be tried again.
        """

        def register(handle: Handle[FactT]) -> Handle[FactT]:
            async def one(taken: Sequence[Taken[FactT]]) -> None:
                for each in taken:
                    await handle(each.event, each.tx)

            self._add(topic, Wanted(fact, one, together=False))
            return handle

        return register

    def consume_many(self, topic: str, fact: type[FactT]) -> Callable[[HandleMany[FactT]], HandleMany[FactT]]:
        """Register a handler that takes events of one hub that came one after the other, oldest first, all at once.

        For what comes by the thousand: one statement for all of them (``unnest``) instead of one each. When it raises,
        it is called again with each of them alone, so that only what fails is set aside. All share one connection;
        stage what follows from an event in that event's own ``tx``.
        """

        def register(handle: HandleMany[FactT]) -> HandleMany[FactT]:
            self._add(topic, Wanted(fact, handle, together=True))
            return handle

        return register

    def _add(self, topic: str, wanted: Wanted) -> None:
        if (topic, wanted.fact) in self._wanted:
            raise ValueError(f"{wanted.fact.__name__} on {topic} has a handler already")
        self._wanted[topic, wanted.fact] = wanted

    def find(self, topic: str, fact: type[Fact]) -> Wanted | None:
        """The handler of this fact on this topic (without prefix), if the service wants it."""
        return self._wanted.get((topic, fact))

    @property
    def topics(self) -> list[str]:
        """Topics with at least one handler, sorted, without prefix."""
        return sorted({topic for topic, _ in self._wanted})
