"""Marks: the ids of streamed events, from which a stream can be resumed, here or at another gateway."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

_MARK = re.compile(
    r"(?:(\w{1,40})\.(\d{1,19}(?:-\d{1,19}){0,999})\.([0-9a-f]{1,16}))?([~!])([0-9a-f]{8})-(\d{1,19})", re.ASCII
)
_LONGEST = 4096


class Mark(NamedTuple):
    """What whoever has received everything up to here knows: `v1.12-5-7-9.0~5f3a09c1-42`.

    In front what holds at every gateway: the version, the next offset of each partition of its table, and a digest of which
    rows were kept back (rows may appear and vanish without a record of their own). It is missing in the course of a moment,
    when only part of what belongs together was sent. Behind it the gateway's own count of changes, exact at any time.
    With a `!` in place of the `~` it is of a reader who came from elsewhere and was still being told what is new: it knows what
    stands in front, and of what is new what this gateway counted so far.
    """

    version: str
    vector: tuple[int, ...]
    digest: str
    gateway: str
    sequence: int
    partial: bool = False

    def __str__(self) -> str:
        everywhere = f"{self.version}.{'-'.join(map(str, self.vector))}.{self.digest}" if self.version else ""
        return f"{everywhere}{'!' if self.partial else '~'}{self.gateway}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The mark that `text` spells; None if it is none of ours."""
        found = _MARK.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            return None
        version, vector, digest, partial, gateway, sequence = found.groups()
        offsets = tuple(map(int, vector.split("-"))) if vector else ()
        return cls(version or "", offsets, digest or "", gateway, int(sequence), partial == "!")
