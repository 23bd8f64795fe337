"""What is told of a cell's statements: which block each one travels in, and which blocks have changed."""

from __future__ import annotations

from collections.abc import Iterable

#: Claims to a block: one that changes is told whole.
BLOCK = 8
#: Claims among which one is looked for first: what is said again was mostly said of late.
_RECENT = 512


class Telling:
    """The claims of a cell, or of a subdivision in it, in the order in which they came; a few of them are a block.

    A statement travels in the block of its first claim. `since` is the cell's version when this began: blocks told before
    that, by whoever had the cell then, lay in another order and count no more.
    """

    __slots__ = ("_changed", "_noted", "_order", "since")

    def __init__(self, since: int, claims: Iterable[str]) -> None:
        self.since = since
        self._order = list(claims)
        self._noted: dict[str, None] = {}
        self._changed = set(range(self.blocks))

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-len(self._order) // BLOCK)

    def arrive(self, claim: str) -> None:
        """A claim that was not there before."""
        self._changed.add(len(self._order) // BLOCK)
        self._order.append(claim)

    def note(self, claim: str) -> None:
        """What begins with this claim may be another statement now, or none."""
        self._noted[claim] = None

    def take(self) -> list[int]:
        """The blocks that changed since the last call."""
        for claim in self._noted:
            self._changed.add(self._place(claim) // BLOCK)
        changed = sorted(self._changed)
        self._noted.clear()
        self._changed.clear()
        return changed

    def block(self, number: int) -> list[str]:
        """The claims of one block."""
        return self._order[number * BLOCK : (number + 1) * BLOCK]

    def settle(self) -> None:
        """Give a place to every claim noted, so that `blocks` is final."""
        for claim in self._noted:
            self._changed.add(self._place(claim) // BLOCK)
        self._noted.clear()

    def _place(self, claim: str) -> int:
        order = self._order
        recent = max(len(order) - _RECENT, 0)
        for first, stop in ((recent, len(order)), (0, recent)):
            try:
                return order.index(claim, first, stop)
            except ValueError:
                continue
        order.append(claim)
        return len(order) - 1
