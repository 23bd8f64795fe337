"""Versions beside each other: which there are, which one is live; promoting one, keeping one, retiring one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from incidentlog.client.connect import broker_at
from incidentlog.client.live import told
from incidentlog.client.ports import Admin, Broker, Reader, TopicPartition
from incidentlog.replay.errors import KeptOtherwise, NoSuchVersion, VersionBehind, VersionIsLive
from incidentlog.replay.standing import Standing, caught_up, standing
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import LIVE, NO_LIMITS, Kept, checked, encode_kept, encode_live


@dataclass(frozen=True, slots=True)
class Version:
    """A version and how it stands; `kept` None: workers keep it only where they were started for it by name."""

    name: str
    live: bool
    kept: Kept | None
    standing: Standing


class Versions:
    """The versions of one installation.

    A promotion is one record, so it is there or it is not; subscribers switch when they read it. A version that is to be
    promoted has `patience` seconds to come to the end of what is there: it is read all the time, and a bit behind.
    """

    def __init__(self, broker: str | Broker, topics: Topics | None = None, *, patience: float = 2.0) -> None:
        self._broker, self._topics, self._patience = broker_at(broker), topics or Topics(), patience

    async def all(self, *names: str) -> list[Version]:
        """All there are, by name, or those with these names; NoSuchVersion if one of them is none."""
        async with self._opened() as (reader, admin):
            for name in names:
                await self._existing(admin, name)
            found = await told(reader, self._topics)
            return [
                Version(name, name == found.live, found.kept.get(name), await standing(reader, admin, self._of(name)))
                for name in names or await self._names(admin)
            ]

    async def promote(self, name: str) -> str:
        """Make a version live that is complete; the version that was live before."""
        async with self._opened() as (reader, admin):
            await self._existing(admin, name)
            stands = await caught_up(reader, admin, self._of(name), self._patience)
            if not stands.complete:
                raise VersionBehind(name, stands.left)
            before = await told(reader, self._topics)
            for each in {before.live, name} - before.kept.keys():
                await self._put(each.encode(), encode_kept(NO_LIMITS))  # both ways: it may be promoted back
            if before.live != name:
                await self._put(LIVE, encode_live(name))
            return before.live

    async def keep(self, name: str, kept: Kept) -> None:
        """Have workers keep a version from now on; KeptOtherwise if it is kept with other limits."""
        async with self._broker.reader() as reader:
            found = (await told(reader, self._topics)).kept.get(checked(name))
            if found is not None and found != kept:
                raise KeptOtherwise(name, _limits(found), _limits(kept))
            if found is None:
                await self._put(name.encode(), encode_kept(kept))

    async def retire(self, name: str) -> list[str]:
        """Have nobody keep a version any more, and delete its topics; their names. Never the live one."""
        async with self._opened() as (reader, admin):
            await self._existing(admin, name)
            if name == (await told(reader, self._topics)).live:
                raise VersionIsLive(name, "retired")
            await self._put(name.encode(), None)
            return await admin.delete(self._tables(name))

    async def current(self) -> str:
        """The version that is live."""
        async with self._broker.reader() as reader:
            return (await told(reader, self._topics)).live

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Reader, Admin]]:
        async with self._broker.reader() as reader, self._broker.admin() as admin:
            yield reader, admin

    def _of(self, name: str) -> Topics:
        return replace(self._topics, version=name)

    def _tables(self, name: str) -> list[str]:
        return [topic.name for topic in self._of(name).all() if topic.name.endswith(f".{name}")]

    async def _names(self, admin: Admin) -> list[str]:
        stem = self._of("").statements
        return sorted(name.removeprefix(stem) for name in await admin.names() if name.startswith(stem))

    async def _existing(self, admin: Admin, name: str) -> None:
        if name not in (known := await self._names(admin)):
            raise NoSuchVersion(name, known)

    async def _put(self, key: bytes, value: bytes | None) -> None:
        async with self._broker.producer() as producer:
            batch = producer.batch()
            batch.append(key, value, ())
            await (await producer.send(TopicPartition(self._topics.versions, 0), batch))


def _limits(kept: Kept) -> str:
    limits = [f"as of {kept.as_of}"] * bool(kept.as_of) + [f"as known at {kept.known_at}"] * bool(kept.known_at)
    return " and ".join(limits) or "without limits"
