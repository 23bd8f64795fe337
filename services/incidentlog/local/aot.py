"""The ahead-of-time cache that halves the broker's start: recorded by one broker, assembled behind a later one.

Three runs, none of which starts later for it:

1. no cache: the user's own broker records which classes it loads; ending takes it about 3 s longer, once;
2. a recording: once the broker is ready, a process of lowest priority assembles the cache (3 to 4 s of one core);
   a program that ends sooner waits for it, this once;
3. a cache: it is used.

A cache is bound to this Java and to these very jar files. Its name says to which, so one that does not fit is never found;
should Java dislike it all the same, it ignores it. At most one process at a time records or assembles.
"""

from __future__ import annotations

import asyncio
import hashlib
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from incidentlog.local.child import Child, Job
from incidentlog.local.java import JAVA_VERSION, jvm_command, jvm_environment

_LOWEST_PRIORITY = 19
_ENDED_ON_REQUEST = 128 + signal.SIGTERM  # how Java exits then, when all was written
_ASSEMBLY_SECONDS = 60
_AT_THE_END_SECONDS = 10.0
#: A cache, of some 70 MB, that was not used for so long is deleted when another one is made.
_FORGOTTEN_SECONDS = 30 * 24 * 3600


class AotCache:
    """One broker's dealings with the cache: `flags` to start with, then `after_ready`, then `after_stop`."""

    def __init__(self, folder: Path, jars: Sequence[Path]) -> None:
        self._folder, self._jars = folder, jars
        stem = f"java-{JAVA_VERSION}-{_key(jars)}"
        self.cache = folder / f"{stem}.aot"
        self._recording = folder / f"{stem}.recording"
        self._unfinished = folder / f"{stem}.unfinished"
        self._failed = folder / f"{stem}.failed"
        self._lock = FileLock(folder / f"{stem}.lock", thread_local=False)
        self._assembly: asyncio.Task[None] | None = None
        self._used = self._suspect = self.recording = False

    def flags(self) -> list[str]:
        """JVM flags: use the cache, record for it, or nothing."""
        self.recording = False
        if self._suspect:
            return []
        if self.cache.exists():
            self._used = True
            with suppress(OSError):  # a cache that is read-only
                self.cache.touch()
            return [f"-XX:AOTCache={self.cache}"]
        if self._recording.exists() or not self._claim():
            return []
        self._used = self.recording = True
        self._unfinished.unlink(missing_ok=True)
        return ["-XX:AOTMode=record", f"-XX:AOTConfiguration={self._unfinished}"]

    def set_aside(self) -> bool:
        """After a failed start: whether there is something to leave out of the next attempt."""
        again, self._suspect = self._used and not self._suspect, True
        return again

    def after_ready(self) -> None:
        """Begin to assemble the cache if a recording waits for it; give up on one that kept the broker from starting."""
        if self._suspect:
            self._failed.touch()
            self.cache.unlink(missing_ok=True)
        elif self._recording.exists() and not self.cache.exists() and self._claim():
            self._assembly = asyncio.create_task(self._assemble())

    async def after_stop(self, status: int | None, *, hurry: bool) -> None:
        """Keep what was recorded if the broker ended in its own way; let an assembly finish, unless in a hurry.

        One that cannot finish in the time given here is not worth it on this machine: no later run shall wait for it.
        """
        if self.recording:
            self.recording = False
            if status == _ENDED_ON_REQUEST and self._unfinished.exists():
                self._unfinished.replace(self._recording)
            self._unfinished.unlink(missing_ok=True)
        if self._assembly is not None:
            _, unfinished = await asyncio.wait([self._assembly], timeout=0 if hurry else _AT_THE_END_SECONDS)
            if unfinished and not hurry:
                self._failed.touch()
            self._assembly.cancel()
            await asyncio.wait([self._assembly])
            self._assembly = None
        self._lock.release(force=True)

    def _claim(self) -> bool:
        """Become the one process that records or assembles, unless that failed before."""
        if self._failed.exists():
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
        except (Timeout, OSError):  # someone else's, or a cache that is read-only
            return False
        return True

    async def _assemble(self) -> None:
        self._unfinished.unlink(missing_ok=True)
        modes = ["-XX:AOTMode=create", f"-XX:AOTConfiguration={self._recording}", f"-XX:AOTCache={self._unfinished}"]
        job = Job(
            jvm_command(self._jars, flags=modes),
            str(self._folder / "aot.log"),
            str(self._folder),
            nice=_LOWEST_PRIORITY,
        )
        child = await Child.start(job, jvm_environment())
        try:
            async with asyncio.timeout(_ASSEMBLY_SECONDS):
                status = await child.ended()
        except TimeoutError:
            return  # a busy machine; the recording waits for another run
        finally:
            await child.stop(0)
        if status is None or status < 0:
            return  # killed by someone; likewise
        if status == 0 and self._unfinished.exists():
            self._remove_forgotten()
            self._unfinished.replace(self.cache)
        else:
            self._failed.touch()
        self._recording.unlink(missing_ok=True)

    def _remove_forgotten(self) -> None:
        """Delete what nobody has used for long: of other jars, or of a program that was somewhere else."""
        for other in self._folder.glob("java-*"):
            with suppress(OSError):
                if other.suffix != ".lock" and time.time() - other.stat().st_mtime > _FORGOTTEN_SECONDS:
                    other.unlink()


def _key(jars: Sequence[Path]) -> str:
    """A short digest of what binds a cache: the Java and its flags, the jars' places, sizes and times."""
    seen = [*jvm_command(jars), *(f"{jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in jars)]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
