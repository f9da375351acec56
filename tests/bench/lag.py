"""How much of a topic a consumer group has not committed yet, seen from outside, as an operator would."""

import asyncio
from collections.abc import Sequence
from typing import Self

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

POLL_S = 0.02


class Lag:
    """Looks at one group's committed offsets on some topics; ``async with``."""

    def __init__(self, bootstrap: str, *, group: str, topics: Sequence[str]) -> None:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        self._group = group
        self._topics = frozenset(topics)

    async def committed(self) -> int:
        """Records of these topics that the group is past."""
        offsets = await self._admin.list_consumer_group_offsets(self._group)
        return sum(max(0, at.offset) for part, at in offsets.items() if part.topic in self._topics)

    async def reaches(self, records: int) -> None:
        """Wait until the group has committed so many records."""
        while await self.committed() < records:  # noqa: ASYNC110 -- looks at the broker
            await asyncio.sleep(POLL_S)

    async def is_whole(self, members: int) -> None:
        """Wait until the group has so many consumers, each with its partitions."""
        while await self.members() < members:  # noqa: ASYNC110 -- looks at the broker
            await asyncio.sleep(POLL_S)

    async def members(self) -> int:
        """Consumers of the group that have been given their partitions; 0 while it gives them out anew."""
        try:
            (answer,) = await self._admin.describe_consumer_groups([self._group])
        except GroupCoordinatorNotAvailableError:  # of a broker that never had a group
            return 0
        _error, _name, state, _kind, _protocol, members, *_ = answer.groups[0]
        return len(members) if state == "Stable" else 0

    async def __aenter__(self) -> Self:
        await self._admin.start()
        return self

    async def __aexit__(self, *ended: object) -> None:
        await self._admin.close()
