"""Draining: before a stop or a rebalance, what is in hand is waited for. It is then stored at once, not when that is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Draining:
    """Whether it is under way (`now`), and who must hear when it begins."""

    def __init__(self) -> None:
        self.now = False
        self._hearers: list[Callable[[], None]] = []

    def tell(self, hearer: Callable[[], None]) -> None:
        """Call `hearer` whenever it begins."""
        self._hearers.append(hearer)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """It lasts as long as the block."""
        self.now = True
        for hearer in self._hearers:
            hearer()
        try:
            yield
        finally:
            self.now = False
