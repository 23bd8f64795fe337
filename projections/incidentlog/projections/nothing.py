"""An empty dictionary that all cells share: most have nothing to put into most of theirs, and there are many cells."""

from __future__ import annotations

from typing import Any, Never


class Nothing(dict[Any, Any]):
    """Stays empty: whoever has something to put in needs a dictionary of its own by then."""

    __slots__ = ()

    def __setitem__(self, key: Any, value: Any) -> Never:
        raise TypeError(f"{key!r} must not go into a dictionary that others share")

    def setdefault(self, key: Any, default: Any = None) -> Never:
        """Refused, as any other addition."""
        self[key] = default


NOTHING = Nothing()
