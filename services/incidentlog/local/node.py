"""One KRaft node in a locked data folder: the JVM, from its command line to its end."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from incidentlog.local.aot import AotCache
from incidentlog.local.child import Child, Job
from incidentlog.local.config import Ports, server_properties
from incidentlog.local.errors import BrokerExited, BrokerNotReady, disk_full, room_on, tail
from incidentlog.local.folder import DataFolder
from incidentlog.local.java import BROKER_MAIN, Profile, jvm_command, jvm_environment
from incidentlog.local.ports import choose_ports, is_free
from incidentlog.local.readiness import wait_ready
from incidentlog.local.secured import Secured

STOP_SECONDS = 10.0
_RECORDING_SECONDS = 20.0
_ATTEMPTS = 3
_DAMAGED = "if it says that the data are damaged or of another Kafka, choose another folder"
_SLOW = "free the machine, or allow a longer start"


class Node:
    """A node that is started once and stopped once; the folder is released with it, and removed if ephemeral."""

    def __init__(
        self,
        folder: DataFolder,
        jars: Sequence[Path],
        cache: Path,
        profile: Profile,
        config: Mapping[str, str],
        flags: Sequence[str] = (),
    ) -> None:
        self.folder, self._jars, self._cache = folder, jars, cache
        self._profile, self._config, self._flags = profile, config, flags
        self.secured: Secured | None = None
        self._aot = AotCache(cache / "aot", jars) if profile == "quick" else None
        self.ports = Ports(0, 0)
        self.child: Child | None = None
        self.stopping = False

    async def start(self, port: int, seconds: float) -> None:
        """Start the JVM until it answers; a lost port is replaced, an ahead-of-time cache it cannot bear left out."""
        for _ in range(_ATTEMPTS):
            self.ports = await choose_ports(port)
            self.child = await self._launch()
            if await self._answered(self.child, seconds):
                self.folder.tell_owner(self.child.pid, self.ports.bootstrap)
                if self._aot is not None:
                    self._aot.after_ready()
                return
            status = await self.child.stop(0, keep=True)
            self.child = None
            port_lost = not all(map(is_free, (self.ports.broker, self.ports.controller, self.ports.inside)))
            if not port_lost and (self._aot is None or not self._aot.set_aside()):
                break
        log = self._kept_log()
        said = tail(log)
        step = room_on(self.folder.path) if disk_full(said) else _DAMAGED
        raise BrokerNotReady("the broker did not start", status, log, said, step)

    async def wait_closed(self) -> None:
        """Return when the node was stopped; raise BrokerExited as soon as it ends without that."""
        if self.child is None:
            return
        status = await self.child.ended()
        if not self.stopping:
            log = self._kept_log()
            # Who is killed outright does not get to log why: what its log ends with would mislead.
            said = [] if status == -signal.SIGKILL else tail(log)
            step = room_on(self.folder.path) if disk_full(said) else "start it again"
            raise BrokerExited("the broker ended by itself", status, log, said, step)

    async def stop(self, *, hurry: bool) -> None:
        """End the JVM and let the folder go: at once if nothing is to stay, else within ten seconds, then by force.

        In a `hurry` an ephemeral broker does not even finish a recording for the ahead-of-time cache.
        """
        self.stopping = True
        recording = self._aot is not None and self._aot.recording
        seconds = 0.0 if self.folder.ephemeral else STOP_SECONDS
        if recording and not (hurry and self.folder.ephemeral):
            seconds = _RECORDING_SECONDS
        try:
            status = await self.child.stop(seconds) if self.child is not None else None
            if self._aot is not None:
                await self._aot.after_stop(status, hurry=hurry)
        finally:
            self.folder.remove()

    async def _launch(self) -> Child:
        folder, small = self.folder, self._profile == "quick"
        secured = self.secured.properties(self.ports) if self.secured else {}
        text = server_properties(self.ports, folder.records, small=small, extra={**secured, **self._config})
        folder.properties.write_text(text, encoding="ascii")
        folder.log.unlink(missing_ok=True)
        flags = [f"-XX:ErrorFile={folder.path / 'crash.log'}", *self._flags, *(self._aot.flags() if self._aot else ())]
        job = Job(
            jvm_command(self._jars, BROKER_MAIN, str(folder.properties), profile=self._profile, flags=flags),
            log=str(folder.log),
            cwd=str(folder.path),
            grace=0 if folder.ephemeral else STOP_SECONDS,
            remove=[str(folder.path)] if folder.ephemeral else (),
        )
        return await Child.start(job, jvm_environment(), keep_open=[folder.lock])

    async def _answered(self, child: Child, seconds: float) -> bool:
        """Whether the broker answered before it ended; BrokerNotReady if it did neither in time."""
        ready = asyncio.create_task(self._ready())
        ended = asyncio.create_task(child.ended())
        try:
            await asyncio.wait([ready, ended], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return False
            if not ready.done():
                log = self._kept_log()
                raise BrokerNotReady(f"the broker did not answer within {seconds:g} s", None, log, tail(log), _SLOW)
            ready.result()
            return True
        finally:
            ready.cancel()
            ended.cancel()
            await asyncio.wait([ready, ended])

    async def _ready(self) -> None:
        if self.secured is None:
            return await wait_ready(self.ports.bootstrap)
        await wait_ready(self.ports.among_brokers, self.secured.inside())
        return await self.secured.open(self.ports)

    def _kept_log(self) -> Path:
        """The log, where it will still be when an ephemeral folder is gone."""
        if not self.folder.ephemeral:
            return self.folder.log
        kept = self._cache / "last-failure.log"
        try:
            shutil.copyfile(self.folder.log, kept)
        except OSError:  # it never wrote one
            return self.folder.log
        return kept
