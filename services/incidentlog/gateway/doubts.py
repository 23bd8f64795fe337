"""How many dead letters may touch what a stream shows, as it is told there: worked out once for all who read it."""

from __future__ import annotations

from typing import Any

from incidentlog.gateway.quarantine import Quarantine
from incidentlog.gateway.showing import Showing

#: Of so many rows it is told one by one.
MOST = 1000
Told = dict[str, Any]


class Doubts:
    """Of each showing: `dead_letters` may touch any of its rows; `touched` says how many may touch each row that any may touch,
    and is null where rows are too many for that."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._standing = quarantine.standing
        self._kept: dict[Showing, tuple[tuple[int, int], Told]] = {}

    def of(self, showing: Showing) -> Told:
        """What there is to tell now; the same object as long as nothing changes."""
        state = self._standing.revision, showing.sequence
        kept = self._kept.get(showing)
        if kept is None or kept[0] != state:
            told = self._told(showing)
            kept = self._kept[showing] = state, told if kept is None or kept[1] != told else kept[1]
        return kept[1]

    def _told(self, showing: Showing) -> Told:
        projection, touching = showing.mirror.projection, self._standing.touching
        count = touching(projection)
        if count and len(showing.keys) > MOST:
            return {"projection": projection, "dead_letters": count, "touched": None}
        touched = {key: each for key in showing.keys if (each := touching(projection, key))} if count else {}
        return {"projection": projection, "dead_letters": count, "touched": touched}
