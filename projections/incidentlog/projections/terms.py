"""Step 7's sum: highs by the day their windows end, and the total of those that end after a day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class Terms:
    """`after` is the sum of the highs whose end lies after `cut`. Moving the cut costs what lies between."""

    __slots__ = ("after", "cut", "ends", "highs")

    def __init__(self) -> None:
        self.ends: list[int] = []
        self.highs: list[int] = []
        self.cut = -1
        self.after = 0

    def add(self, end: int, high: int) -> None:
        """One more term."""
        ends = self.ends
        if not ends or end >= ends[-1]:
            ends.append(end)
            self.highs.append(high)
        else:
            at = bisect_right(ends, end)
            ends.insert(at, end)
            self.highs.insert(at, high)
        if end > self.cut:
            self.after += high

    def remove(self, end: int, high: int) -> None:
        """One term less. Terms that are equal need not be told apart."""
        at = self.highs.index(high, bisect_left(self.ends, end))
        del self.ends[at], self.highs[at]
        if end > self.cut:
            self.after -= high

    def move(self, cut: int) -> None:
        """Count only what ends after this day."""
        before = self.cut
        if cut == before:
            return
        self.cut = cut
        if cut > before:
            self.after -= sum(self.highs[bisect_right(self.ends, before) : bisect_right(self.ends, cut)])
        else:
            self.after += sum(self.highs[bisect_right(self.ends, cut) : bisect_right(self.ends, before)])
