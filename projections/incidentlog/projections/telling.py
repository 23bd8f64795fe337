"""What is told of a cell's statements: which block each one travels in, and which blocks have changed."""

from __future__ import annotations

from collections.abc import Iterable

#: Claims to a block: one that changes is told whole.
BLOCK = 16
#: Claims among which one is looked for first: what is said again was mostly said of late.
_RECENT = 512


class Telling:
    """The claims of a cell, or of a subdivision in it, in the order in which they came; a few of them are a block.

    A statement travels in the block of its first claim. `since` is the cell's version when this began: blocks told before
    that, by whoever had the cell then, lay in another order and count no more.
    """

    __slots__ = ("_changed", "_fresh", "_noted", "_order", "since")

    def __init__(self, since: int, claims: Iterable[str]) -> None:
        self.since = since
        self._order = list(claims)
        self._noted: dict[str, None] = {}
        #: Places of the claims that came since blocks were last taken.
        self._fresh: dict[str, int] = {}
        self._changed: dict[int, None] = dict.fromkeys(range(self.blocks))  # smaller than a set

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-len(self._order) // BLOCK)

    def arrive(self, claim: str) -> None:
        """A claim that was not there before."""
        self._fresh[claim] = len(self._order)
        self._order.append(claim)

    def note(self, claim: str) -> None:
        """What begins with this claim may be another statement now, or none."""
        self._noted[claim] = None

    def settle(self) -> None:
        """Give a place to every claim noted, so that `blocks` is final."""
        for claim in self._noted:
            self._changed[self._place(claim) // BLOCK] = None
        self._noted.clear()

    def take(self) -> list[int]:
        """The blocks that changed since the last call."""
        self.settle()
        changed, self._changed = self._changed, {}
        if self._fresh:
            first = (len(self._order) - len(self._fresh)) // BLOCK
            changed.update(dict.fromkeys(range(first, self.blocks)))
            self._fresh.clear()
        return sorted(changed)

    def block(self, number: int) -> list[str]:
        """The claims of one block."""
        return self._order[number * BLOCK : (number + 1) * BLOCK]

    def _place(self, claim: str) -> int:
        place = self._fresh.get(claim)
        if place is not None:
            return place
        order = self._order
        seen = len(order) - len(self._fresh)
        recent = max(seen - _RECENT, 0)
        for first, stop in ((recent, seen), (0, recent)):
            try:
                return order.index(claim, first, stop)
            except ValueError:
                continue
        self.arrive(claim)
        return len(order) - 1
