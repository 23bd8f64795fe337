"""What a fuzz target is: some code that takes strangers' bytes, and what must hold whatever they are.

A target's `run` raises for a violation, and returns for everything else. Common to all of them: only this project's own errors
come out, an error's message holds a bounded part of the input, and no input of a few kilobytes takes long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from incidentlog.schemas.errors import IncidentlogError

#: Seconds of CPU that any input may take here, of at most LONGEST bytes. Honest ones take milliseconds.
SLOWEST = 5.0
LONGEST = 16 << 10
#: Characters of one error's message; a sheet has one for each finding.
MESSAGE = 4_000


class Violated(AssertionError):
    """What must hold for every input does not hold for this one."""


@dataclass(frozen=True)
class Target:
    """Code under test. `seeds` are honest inputs to start from; `words` may mean something to it."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[bytes, ...] = ()
    structured: bool = False
    """Whether inputs are JSON, and are altered as such, too."""

    def check(self, data: bytes) -> None:
        """Run it on one input; raises for what must not be."""
        began = time.process_time()
        self.run(data[:LONGEST])
        took = time.process_time() - began
        if took > SLOWEST:
            raise Violated(f"{took:.1f} s for {len(data)} bytes")


@contextmanager
def refusals(*also: type[Exception]) -> Iterator[None]:
    """Lets our own errors pass, if their messages are bounded; `also` are errors that the code's callers handle."""
    try:
        yield
    except IncidentlogError as error:
        for part in getattr(error, "findings", None) or [error]:
            bounded(str(part))
        for name, value in vars(error).items():
            if isinstance(value, str):
                bounded(f"{name}: {value}")
    except also:
        pass


def bounded(message: str) -> None:
    """A message is not the input once more."""
    if len(message) > MESSAGE:
        raise Violated(f"a message of {len(message)} characters: {message[:200]}")


def same(found: object, expected: object, what: str) -> None:
    """Both are equal."""
    if found != expected:
        raise Violated(f"{what}: {found!r:.300} is not {expected!r:.300}")


def golden() -> list[bytes]:
    """One event of every type."""
    from support.examples import GOLDEN

    return [file.read_bytes() for file in sorted(GOLDEN.glob("*.json"))]
