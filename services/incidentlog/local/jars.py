"""Kafka's jars: fetched once by jgo into the cache, checked against the pinned digests, refused if they differ."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from filelock import AsyncFileLock

from incidentlog.local.digests import Jar, pinned_jars, sha256_of
from incidentlog.local.errors import JarRefused, JarsUnavailable
from incidentlog.local.places import write_whole

REPOSITORY_VARIABLE = "INCIDENTLOG_MAVEN_REPOSITORY"
_AT_ONCE = 4
_STAMP = "verified.json"


class Progress(Protocol):
    """Told what is being done and how far it is; called in the event loop's thread."""

    def __call__(self, message: str, done: int, total: int) -> None: ...


def silent(message: str, done: int, total: int) -> None:
    """The progress of those who do not care."""


class JarStore:
    """The jars under `folder`, in the layout of a Maven repository.

    A jar gets there only after its digest was checked. Which ones were checked is remembered by size, times and inode,
    so that a start costs one `stat` per jar and no network.
    """

    def __init__(self, folder: Path, jars: Sequence[Jar] | None = None) -> None:
        self.folder = folder
        self.jars = list(pinned_jars() if jars is None else jars)

    def path(self, jar: Jar) -> Path:
        """Where a jar lies, or will."""
        return self.folder / jar.path

    async def ready(self, progress: Progress = silent) -> list[Path]:
        """The checked jars, in the digest file's order; what is missing is fetched.

        Raises JarRefused for a jar that is not the pinned one, JarsUnavailable if one cannot be fetched.
        """
        if not self._missing():
            return await asyncio.to_thread(self.check)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            async with AsyncFileLock(self.folder / "fetch.lock"):
                await self._fetch(self._missing(), progress)  # another process may have fetched some meanwhile
        except OSError as error:
            raise JarsUnavailable(len(self._missing()), self.folder, str(error)) from error
        return await asyncio.to_thread(self.check)

    def check(self) -> list[Path]:
        """The paths of all jars, each one's digest checked unless the file is as it was when last checked."""
        known = self._read_stamp()
        seen: dict[str, list[int | str]] = {}
        for jar in self.jars:
            seen[jar.path] = [jar.sha256, *_identity(self.path(jar))]
            if known.get(jar.path) != seen[jar.path]:
                _check_digest(self.path(jar), jar, fetched=False)
        if seen != known:
            with contextlib.suppress(OSError):  # a cache that is read-only is checked at every start
                write_whole(self.folder / _STAMP, json.dumps(seen).encode())
        return [self.path(jar) for jar in self.jars]

    def _missing(self) -> list[Jar]:
        return [jar for jar in self.jars if not self.path(jar).is_file()]

    def _read_stamp(self) -> dict[str, list[int | str]]:
        try:
            stamp = json.loads((self.folder / _STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    async def _fetch(self, missing: list[Jar], progress: Progress) -> None:
        done, total = 0, len(missing)
        free = asyncio.Semaphore(_AT_ONCE)

        async def fetch(jar: Jar, staging: Path) -> None:
            nonlocal done
            async with free:
                await asyncio.to_thread(_fetch_one, jar, staging, self.path(jar))
            done += 1
            progress(f"Fetching Kafka: {jar.name}", done, total)

        try:
            # Fetched aside and moved when checked: an interrupted download never looks like a jar.
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="fetching-") as staging:
                async with asyncio.TaskGroup() as group:
                    for jar in missing:
                        group.create_task(fetch(jar, Path(staging)))
        except* JarRefused as refused:
            raise refused.exceptions[0] from None
        except* Exception as failed:  # noqa: BLE001 - whatever jgo and its HTTP client raise; the cause is told
            cause = failed.exceptions[0]
            raise JarsUnavailable(len(self._missing()), self.folder, f"{type(cause).__name__}: {cause}") from cause


def _fetch_one(jar: Jar, staging: Path, target: Path) -> None:
    """Fetch one jar by jgo into `staging`, check it and move it to `target`."""
    from jgo import constants  # noqa: PLC0415 - half a second to import, and needed once
    from jgo.maven import MavenContext  # noqa: PLC0415

    repository = os.environ.get(REPOSITORY_VARIABLE) or constants.MAVEN_CENTRAL_URL
    context = MavenContext(repo_cache=staging, local_repos=[], remote_repos={"maven": repository})
    group, artifact, version = jar.coordinate
    fetched = context.project(group, artifact).at_version(version).artifact().resolve()
    _check_digest(fetched, jar, fetched=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    fetched.replace(target)


def _check_digest(path: Path, jar: Jar, *, fetched: bool) -> None:
    found = sha256_of(path)
    if found != jar.sha256:
        raise JarRefused(path, jar.sha256, found, fetched=fetched)


def _identity(path: Path) -> list[int]:
    """What changes when a file's content does: size, times of content and of inode, the inode's number."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
