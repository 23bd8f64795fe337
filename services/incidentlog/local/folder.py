"""A broker's data folder: its lock, its formatting, its files; and the temporary ones that dead programs left."""

from __future__ import annotations

import base64
import fcntl
import os
import shutil
import tempfile
import time
import uuid
from pathlib import Path

from incidentlog.local.errors import FolderInUse, FolderRefused
from incidentlog.local.places import write_whole

EPHEMERAL_PREFIX = "incidentlog-broker-"
_ABANDONED_SECONDS = 60
_LOCK = "broker.lock"


class DataFolder:
    """One folder, one broker at a time.

    The lock is the operating system's, on `broker.lock`: it goes with the last process that holds it, so a killed
    program leaves none behind. The keeper inherits it, hence it lasts as long as the JVM may still write.
    """

    def __init__(self, path: Path, *, ephemeral: bool) -> None:
        self.path, self.ephemeral = path, ephemeral
        self.log = path / "broker.log"
        self.properties = path / "server.properties"
        self.records = path / "kafka"
        self._lock: int | None = None

    @classmethod
    def open(cls, data: Path | None) -> DataFolder:
        """The folder `data`, or a new temporary one; locked. Raises FolderInUse or FolderRefused."""
        if data is None:
            remove_abandoned()
            folder = cls(Path(tempfile.mkdtemp(prefix=EPHEMERAL_PREFIX)), ephemeral=True)
        else:
            folder = cls(_made(data), ephemeral=False)
        folder.acquire()
        return folder

    def acquire(self) -> None:
        """Lock the folder for this process and its keeper; raises FolderInUse at once if another has it."""
        lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(lock, 200, 0).decode("ascii", "replace").split()
            os.close(lock)
            known = len(owner) == 2 and owner[0].isdigit()
            raise FolderInUse(self.path, int(owner[0]) if known else None, owner[1] if known else None) from None
        os.truncate(lock, 0)
        self._lock = lock

    @property
    def lock(self) -> int:
        """The lock's file descriptor."""
        if self._lock is None:
            raise RuntimeError(f"{self.path} is not locked")
        return self._lock

    def format(self, bootstrap_checkpoint: bytes) -> None:
        """Make the folder a KRaft node's, with identities of its own; nothing if it already is.

        This is what Kafka's storage tool writes: who the node and the folder are, and the feature levels to begin with.
        """
        meta = self.records / "meta.properties"
        if meta.exists():
            return
        write_whole(self.records / "bootstrap.checkpoint", bootstrap_checkpoint)
        identity = f"version=1\ncluster.id={new_id()}\nnode.id=1\ndirectory.id={new_id()}\n"
        write_whole(meta, identity.encode("ascii"))  # last: with it the folder is formatted, without it not

    def tell_owner(self, pid: int, bootstrap: str) -> None:
        """Write into the lock file whose it is, for those who find it held."""
        os.truncate(self.lock, 0)
        os.pwrite(self.lock, f"{pid} {bootstrap}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Give up this process's hold of the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def remove(self) -> None:
        """Release the lock, and delete the folder if it was temporary."""
        self.release()
        if self.ephemeral:
            shutil.rmtree(self.path, ignore_errors=True)


def new_id() -> str:
    """A random identity in Kafka's form: 16 bytes, base64 for URLs, 22 characters, none that looks like an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        if not text.startswith("-"):
            return text


def remove_abandoned() -> None:
    """Delete temporary folders whose broker and keeper were both killed: unlocked, ours, and not just being made."""
    for path in Path(tempfile.gettempdir()).glob(f"{EPHEMERAL_PREFIX}*"):
        try:
            status = path.stat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < _ABANDONED_SECONDS:
                continue
            abandoned = DataFolder(path, ephemeral=True)
            abandoned.acquire()
        except (OSError, FolderInUse):
            continue
        abandoned.remove()


def _made(data: Path) -> Path:
    """`data` as an existing absolute folder that is empty or a broker's."""
    path = data.expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in path.iterdir()}
    except OSError as error:
        raise FolderRefused(path, error.strerror or str(error)) from error
    if names and _LOCK not in names:
        raise FolderRefused(path, "it holds other files")
    return path
