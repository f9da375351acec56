"""Which function of a service handles which fact."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hub_chassis.transaction import Transaction
from hub_schemas.envelope import Fact

FactT = TypeVar("FactT", bound=Fact)
Handle = Callable[[FactT, Transaction], Awaitable[None]]


@dataclass(frozen=True)
class Wanted:
    """A fact's class and the function that handles it."""

    fact: type[Fact]
    handle: Callable[[Any, Transaction], Awaitable[None]]


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
            if (topic, fact) in self._wanted:
                raise ValueError(f"{fact.__name__} on {topic} has a handler already")
            self._wanted[topic, fact] = Wanted(fact, handle)
            return handle

        return register

    def find(self, topic: str, fact: type[Fact]) -> Wanted | None:
        """The handler of this fact on this topic (without prefix), if the service wants it."""
        return self._wanted.get((topic, fact))

    @property
    def topics(self) -> list[str]:
        """Topics with at least one handler, sorted, without prefix."""
        return sorted({topic for topic, _ in self._wanted})
