"""Range bars: from low to high, best as a tick, on one scale for all that stand together; an open end stays open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from incidentlog.schemas.numbers import Bounded

#: How much of the width is for numbers where some bar is open: the rest is where it fades.
_BOUNDED, _WHOLE = 86.0, 100.0
#: A range of next to nothing must still be seen.
_LEAST = 0.6
_NICE = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in percent of the width; `best` None: not quantified. An open one reaches the right edge."""

    low: float
    width: float
    best: float | None
    open: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `top`, which lies at `end` percent of the width."""

    top: int
    end: float

    @property
    def ticks(self) -> list[tuple[float, int]]:
        """Where to write numbers, and which."""
        half = [(self.end / 2, self.top // 2)] if self.top % 2 == 0 else []
        return [(0.0, 0), *half, (self.end, self.top)]

    def at(self, number: int) -> float:
        """Where a number lies, in percent."""
        return round(min(self.end * number / self.top, self.end), 2)

    def bar(self, of: Bounded) -> Bar:
        """The bar of a number."""
        low = self.at(of.low)
        end = _WHOLE if of.high is None else self.at(of.high)
        best = None if of.best is None else self.at(of.best)
        return Bar(min(low, _WHOLE - _LEAST), round(max(end - low, _LEAST), 2), best, of.high is None)


def scale(numbers: Iterable[Bounded]) -> Scale:
    """The scale on which all of these can be drawn."""
    listed = list(numbers)
    greatest = max((max(n.low, n.best or 0, n.high or 0) for n in listed), default=0)
    return Scale(_nice(greatest), _BOUNDED if any(n.high is None for n in listed) else _WHOLE)


def _nice(number: int) -> int:
    """The least round number that is no less."""
    magnitude = 1
    while magnitude * 10 < number:
        magnitude *= 10
    return next((int(step * magnitude) for step in _NICE if int(step * magnitude) >= number), number) or 1
