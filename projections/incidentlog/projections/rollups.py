"""All roll-ups of a set of contributions, in memory: contributions in, changed rows out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.projection import Projection, ReadModel
from incidentlog.schemas.contributions import Contribution


class RollupState:
    """The roll-ups of one partition of the contributions topic, or of all. One writer at a time; not thread-safe."""

    def __init__(self, projections: Iterable[Projection[Any, Any]] = tuple(PROJECTIONS.values())) -> None:
        self._models = {each.name: ReadModel(each) for each in projections if each.source == "contributions"}

    def apply(self, contribution: Contribution) -> None:
        """Fold one contribution; a roll-up that this version does not have is none of its business."""
        model = self._models.get(contribution.projection)
        if model is not None:
            model.apply(contribution)

    def take_changed(self) -> list[tuple[str, str, Any]]:
        """(projection, key, row) of each row that changed since the last call; None for a row that is gone."""
        return [(name, key, row) for name, model in self._models.items() for key, row in model.take_changed()]

    def rows(self) -> list[Any]:
        """Every row, by projection and key."""
        return [row for _, model in sorted(self._models.items()) for row in model.rows().values()]
