"""The workers' group, seen from outside: how far it is on the event topics, and which partitions nobody has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

from incidentlog.client.errors import ClientError
from incidentlog.client.lookout import BEGINNING
from incidentlog.client.ports import Admin, Broker, TopicPartition
from incidentlog.client.reading import partitions_of
from incidentlog.schemas.topics import Topics

#: Seconds that a broker may take to answer.
_PATIENCE = 4.0


class Group:
    """Asks again and again, from one task, over one connection."""

    def __init__(self, broker: Broker, topics: Topics) -> None:
        self._broker, self._topics = broker, topics
        self._stack = AsyncExitStack()
        self._admin: Admin | None = None
        self._partitions: list[TopicPartition] = []
        self.unowned = 0
        """Partitions that no worker had when it was asked last."""

    async def standing(self, version: str) -> Mapping[TopicPartition, int]:
        """The next offset to fold of each partition of event topics; nothing if that cannot be learned now."""
        group = replace(self._topics, version=version).group
        try:
            async with asyncio.timeout(_PATIENCE):
                admin = await self._opened()
                committed, owners = await admin.committed(group), await admin.owners(group)
        except (ClientError, OSError, TimeoutError):
            await self.close()
            return {}
        self.unowned = sum(each not in owners for each in self._partitions)
        return {each: committed.get(each, BEGINNING) for each in self._partitions}

    async def close(self) -> None:
        """Let go of the connection."""
        self._admin, stack, self._stack = None, self._stack, AsyncExitStack()
        with suppress(ClientError, OSError, TimeoutError):
            await stack.aclose()

    async def _opened(self) -> Admin:
        if self._admin is None:
            async with self._broker.reader() as reader:
                self._partitions = await partitions_of(reader, [*self._topics.counted, *self._topics.official])
            admin = await self._stack.enter_async_context(self._broker.admin())
            self._admin = admin
        return self._admin
