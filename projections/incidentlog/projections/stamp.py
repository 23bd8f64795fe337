"""A stamp: what a claim's content, time of recording and name are, in one object of few bytes.

The fold looks at them when an event comes again or is said to be another, and names twenty claims of each number.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct

#: Packed, or as it is where something is not written as usual: (digest, recorded, ref).
Stamp = bytes | tuple[str, str, str]

_DIGITS = 32
_BEGINNING, _TICK = datetime(1, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_head = Struct(">16sQ")


def stamp(digest: str, recorded: str, ref: str) -> Stamp:
    """The stamp of a claim: digest in hex, recorded in UTC with six decimals, and the name its article has for it."""
    decimals = recorded[20:26]
    if len(digest) == _DIGITS and recorded[26:] == "Z" and decimals.isdigit() and decimals.isascii():
        second = _second(recorded[:20])
        if second >= 0:
            return _head.pack(bytes.fromhex(digest), second + int(decimals)) + ref.encode()
    return digest, recorded, ref


def unstamped(stamp: Stamp) -> tuple[str, str, str]:
    """What `stamp` was given."""
    if isinstance(stamp, tuple):
        return stamp
    digest, ticks = _head.unpack_from(stamp)
    recorded = (_BEGINNING + ticks * _TICK).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return digest.hex(), recorded, ref_of(stamp)


def ref_of(stamp: Stamp) -> str:
    """The name in it."""
    return stamp[2] if isinstance(stamp, tuple) else stamp[_head.size :].decode()


def refs_of(stamps: Collection[Stamp]) -> list[str]:
    """The names in many, faster than in one after another."""
    try:
        return list(map(bytes.decode, [stamp[_head.size :] for stamp in stamps]))  # type: ignore[arg-type]
    except TypeError:  # some are as they are
        return [ref_of(stamp) for stamp in stamps]


@lru_cache(maxsize=4096)
def _second(text: str) -> int:
    """Ticks until a second written as `2022-09-22T23:59:59.`; -1 if it is written otherwise."""
    try:
        moment = datetime.fromisoformat(text[:-1] + "Z")
    except ValueError:
        return -1
    return (moment - _BEGINNING) // _TICK if moment.isoformat() == text[:-1] + "+00:00" and text[-1] == "." else -1
