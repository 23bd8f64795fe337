"""A stamp: what a claim's content, time of recording and name are, in one object of few bytes.

The fold looks at them when an event comes again or is said to be another, and names twenty claims of each number.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from struct import Struct

#: Packed, or as it is where something is not written as usual: (digest, recorded, ref).
Stamp = bytes | tuple[str, str, str]

_DIGITS, _MOMENT = 32, len("2022-09-22T23:59:59")
_TICK = timedelta(microseconds=1)
_head = Struct(">16sQ")


def stamp(digest: str, recorded: str, ref: str) -> Stamp:
    """The stamp of a claim: digest in hex, recorded in UTC with six decimals, and the name its article has for it."""
    decimals = recorded[_MOMENT + 1 : -1]
    if len(digest) == _DIGITS and len(decimals) == 6 and decimals.isdigit() and decimals.isascii():
        begun = _second(recorded[: _MOMENT + 1] + recorded[-1])
        if begun >= 0:
            return _head.pack(bytes.fromhex(digest), begun + int(decimals)) + ref.encode()
    return digest, recorded, ref


def unstamped(stamp: Stamp) -> tuple[str, str, str]:
    """What `stamp` was given."""
    if isinstance(stamp, tuple):
        return stamp
    digest, ticks = _head.unpack_from(stamp)
    moment = datetime.min + ticks * _TICK
    return digest.hex(), moment.isoformat(timespec="microseconds") + "Z", ref_of(stamp)


def ref_of(stamp: Stamp) -> str:
    """The name in it."""
    return stamp[2] if isinstance(stamp, tuple) else stamp[_head.size :].decode()


@lru_cache(maxsize=4096)
def _second(text: str) -> int:
    """Microseconds until a second written as `2022-09-22T23:59:59.Z`; -1 if it is written otherwise."""
    try:
        moment = datetime.fromisoformat(text.removesuffix(".Z"))
    except ValueError:
        return -1
    return (moment - datetime.min) // _TICK if f"{moment.isoformat()}.Z" == text else -1
