"""Folding all of history once more, into a version beside the live one, with workers and a group of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from incidentlog.client.connect import broker_at
from incidentlog.replay.errors import VersionIsLive
from incidentlog.replay.standing import Standing, ends_of, standing
from incidentlog.replay.versions import Versions
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import NO_LIMITS, Kept, checked
from incidentlog.topics import apply
from incidentlog.worker import WorkerProcess, WorkerSettings

#: Seconds between two looks at how far it is.
_LOOK_SECONDS = 0.5
#: Bytes fetched at once, and seconds between two transactions, where a rate holds it back: what is done between two pauses
#: stays small, for those who share the machine.
_SMALL_FETCH, _OFTEN = 1 << 16, 0.25
#: Hears how far a replay is.
Heard = Callable[[Standing], None]


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A version to be folded from history: within which limits, at most how many events a second (0: as many as it can)."""

    bootstrap: str
    topics: Topics
    kept: Kept = NO_LIMITS
    rate: float = 0.0
    host_first: str = ""

    async def run(self, heard: Heard) -> Standing:
        """Return when every event that was there a moment ago is folded and rolled up.

        What was folded stays when it is stopped or killed; the next run goes on there. Afterwards the version is kept by
        the workers of the installation.
        """
        versions = Versions(self.bootstrap, self.topics)
        if await versions.current() == checked(self.topics.version):
            raise VersionIsLive(self.topics.version, "replayed into")
        await apply(self.bootstrap, self.topics)
        async with WorkerProcess(self._settings()) as worker:
            await worker.ready()
            done = asyncio.create_task(self._complete(heard))
            ended = asyncio.create_task(worker.ended())
            try:
                await asyncio.wait([done, ended], return_when=asyncio.FIRST_COMPLETED)
                if not done.done():
                    await worker.ready()  # says why it ended
                stands = await done
            finally:
                for task in (done, ended):
                    task.cancel()
        await versions.keep(self.topics.version, self.kept)
        return stands

    async def _complete(self, heard: Heard) -> Standing:
        broker = broker_at(self.bootstrap)
        async with broker.reader() as reader, broker.admin() as admin:
            ends = await ends_of(reader, self.topics)
            while True:
                # Of events that keep coming some are always under way: those of the last look must be folded.
                before, ends = ends, await ends_of(reader, self.topics)
                heard(stands := await standing(reader, admin, self.topics, before))
                if stands.complete:
                    return stands
                await asyncio.sleep(_LOOK_SECONDS)

    def _settings(self) -> WorkerSettings:
        plain = WorkerSettings(self.bootstrap, self.topics.prefix, self.topics.version, host_first=self.host_first)
        settings = replace(plain, as_of=self.kept.as_of, known_at=self.kept.known_at, patience=10.0)
        return (
            replace(settings, rate=self.rate, fetch_bytes=_SMALL_FETCH, every_behind=_OFTEN) if self.rate else settings
        )
