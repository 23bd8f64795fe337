"""Watching a gateway: how far it is behind the log, how far the workers are, and what it makes of its own health."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from prometheus_client.core import Metric

from incidentlog.client.background import cancel
from incidentlog.client.lookout import Lookout
from incidentlog.client.ports import TopicPartition
from incidentlog.gateway.counting import Requests
from incidentlog.gateway.following import Follower
from incidentlog.gateway.group import Group
from incidentlog.gateway.mirror import Mirror
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.writer import Writer
from incidentlog.observing.health import Health
from incidentlog.observing.trend import BLIND_SECONDS, Place, Trend

#: Seconds from one look to the next, and from one beat.
LOOK, _BEAT = 5.0, 1.0
#: Whom the workers' lag is told of.
FOLD = "fold"


class Watching:
    """`async with Watching(gateway, writer):` looks again and again; `health` and `metrics` may be asked by any thread."""

    def __init__(self, gateway: Gateway, writer: Writer) -> None:
        self.gateway, self.writer, self.requests = gateway, writer, Requests()
        self.trend, self.fold = Trend(), Trend()
        """How far what it follows was read, and how far the workers are."""
        self.draining = False
        self._lookout, self._group = Lookout(gateway.broker), Group(gateway.broker, gateway.topics)
        self._beat_at = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._look())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await cancel(*self._tasks)
        await self._lookout.close()
        await self._group.close()

    @property
    def unowned(self) -> int:
        """Partitions of event topics that no worker has."""
        return self._group.unowned

    @property
    def _version(self) -> str:
        return next(iter(self.gateway.mirrors.values())).version

    @property
    def silent(self) -> float:
        """For how many seconds the log has not answered."""
        since = self._lookout.silent_since
        return 0.0 if since is None else time.monotonic() - since

    def health(self) -> Health:
        """Alive, unless it hangs or does not go on reading what the log has. Ready, once everything was read and as long as
        that is current; the log may be away: it tells with each answer how old that is."""
        moment, now = time.monotonic(), time.time()
        blocked = moment - self._beat_at
        standings = [] if self.silent else list(self.trend.standings(now))
        dead = [f"its loop has not run for {blocked:.0f} s"] if blocked > BLIND_SECONDS else []
        dead += [each.told() for each in standings if each.stalled]
        why = ["it was asked to stop"] if self.draining else []
        if not self.gateway.complete:
            why.append("it still reads the log: " + ", ".join(_name(each) for each in self._incomplete()))
        why += [each.told() for each in standings if each.behind and not each.stalled]
        told = {
            "log": f"has not answered for {self.silent:.0f} s" if self.silent else "answers",
            "states": {each.topic: each.state for each in self.gateway.followers},
            "unfolded": sum(each.lag for each in self.fold.standings(now)),
        }
        return Health(not dead, not dead and not why, (*dead, *why), told)

    def metrics(self) -> Iterable[Metric]:
        """Its metrics at this moment."""
        from incidentlog.gateway.metrics import families  # noqa: PLC0415 - it names this class

        return families(self)

    async def look(self) -> None:
        """Look once."""
        places = {
            TopicPartition(each.topic, number): (each, offset)
            for each in self.gateway.followers
            for number, offset in enumerate(each.vector)
        }
        folded = await self._group.standing(self._version)
        seen = await self._lookout.look({**{place: offset for place, (_, offset) in places.items()}, **folded}, {})
        if seen is None:
            self.trend.miss()
            return
        moment = time.monotonic()
        own = {Place(_name(follower), *place): seen[place] for place, (follower, _) in places.items()}
        self.trend.note(moment, own)
        self.fold.note(moment, {Place(FOLD, *place): seen[place] for place in folded})

    def _incomplete(self) -> list[Follower]:
        return [each for each in self.gateway.followers if not each.caught_up]

    async def _beat(self) -> None:
        while True:
            self._beat_at = time.monotonic()
            await asyncio.sleep(_BEAT)

    async def _look(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK)


def _name(follower: Follower) -> str:
    return follower.projection if isinstance(follower, Mirror) else type(follower).__name__.lower()
