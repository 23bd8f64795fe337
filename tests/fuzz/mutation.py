"""Alterations that random bytes seldom are: JSON that stays JSON, and texts whose lines and words change places."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

#: Values where others are expected.
_STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3.5, 1 << 31, 1 << 63, 1 << 64, -(1 << 70), 1e308, "", " ", "x", "x" * 5_000, "\n", "\0", "\u2019",
    "é" * 300, "٣", "2022-09-06", "9999-12-31", "0001-01-01", "../2022-09-21", "2022-09-22T10:00:00.000000Z",
    "9999-12-31T23:59:59.999999-14:00", "VNM", "XXX", "QMF", "KH-12", "rescued/VNM/KHM", "0" * 32, "f" * 32, "key:x", [], {}, [[]],
    {"": ""}, [None], {"id": "0" * 32}, "cumulative", "stock", "increment", "planned", "firm", "ClaimCorrected", "RescueReported",
)  # fmt: skip


def altered(data: bytes, rng: random.Random, words: Sequence[bytes], *, structured: bool) -> bytes:
    """The data with one to four changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        if structured and rng.random() < 0.8:
            data = _of_json(data, rng)
        else:
            data = rng.choice((_of_bytes, _of_lines, _of_words))(data, rng, words)
    return data


def _of_json(data: bytes, rng: random.Random) -> bytes:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return _of_bytes(data, rng, ())
    places = list(_places(value))
    if not places:
        return data
    holder, key = rng.choice(places)
    kind = rng.randrange(8)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        other, name = rng.choice(places)
        holder[key] = other[name]
    elif kind == 2 and isinstance(holder, dict):
        holder[rng.choice((*holder, "x" * 3_000, "id", "content", "measure", "__class__"))] = rng.choice(_STRANGE)
    elif kind == 3:
        holder[key] = _nested(rng)
    elif kind == 4 and isinstance(holder[key], list):
        holder[key] *= 40
    elif kind == 5 and isinstance(holder[key], str):
        holder[key] = holder[key] * rng.choice((2, 300)) if rng.random() < 0.5 else holder[key][:-1]
    else:
        holder[key] = rng.choice(_STRANGE)
    try:
        return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
    except (RecursionError, ValueError):  # too deep, or within itself
        return data


def _nested(rng: random.Random) -> Any:
    value: Any = None
    for _ in range(rng.choice((3, 200, 400))):
        value = [value] if rng.random() < 0.5 else {"x": value}
    return value


def _places(value: Any) -> Any:
    """(container, key) of everything inside a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _of_bytes(data: bytes, rng: random.Random, words: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    to = min(len(data), at + rng.choice((0, 1, 1, 4, 60)))
    some = rng.choice((b"", rng.randbytes(rng.choice((1, 1, 3))), data[at:to] * 3, *words))
    return data[:at] + some + data[to:]


def _of_lines(data: bytes, rng: random.Random, words: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(5)
    if kind == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 1:
        lines.insert(one, lines[other])
    elif kind == 2:
        del lines[one]
    elif kind == 3:
        lines[one] = b" " * rng.choice((1, 2, 8)) + lines[one]
    else:
        lines[one] = lines[one].lstrip()
    return b"\n".join(lines)


def _of_words(data: bytes, rng: random.Random, words: Sequence[bytes]) -> bytes:
    parts = data.split(b" ")
    strange = rng.choice(_STRANGE)
    parts[rng.randrange(len(parts))] = rng.choice((*words, *parts, str(strange).encode(errors="surrogatepass")))
    return b" ".join(parts)
