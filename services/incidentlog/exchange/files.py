"""Files that appear under their names only once they are whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

#: What the name of a file's checksum ends in; `sha256sum -c` reads it.
SUMS = ".sha256"


@contextmanager
def appearing(path: Path) -> Iterator[BufferedRandom]:
    """A stream to write and to read again; when the block ends without an error, `path` is what was written, on disk.

    Until then it is a hidden file beside, which is gone after any error; a process that is killed can leave that one, but
    never a part under the name.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        _settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


def digest(stream: BufferedRandom) -> str:
    """The sha256 of a whole stream, in hexadecimal."""
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(path: Path, sha256: str) -> None:
    """Put the checksum of a file beside it."""
    with appearing(path.with_name(path.name + SUMS)) as stream:
        stream.write(f"{sha256}  {path.name}\n".encode())


def _settle(folder: Path) -> None:
    """Have the folder itself on disk, with the new name in it, where folders can be opened."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
