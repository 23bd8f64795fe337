"""The projections that ship, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from incidentlog.projections.arrests_by_place import ARRESTS_BY_PLACE
from incidentlog.projections.estimates import ESTIMATES
from incidentlog.projections.missing_by_nationality import MISSING_BY_NATIONALITY
from incidentlog.projections.official_actions import OFFICIAL_ACTIONS
from incidentlog.projections.projection import Projection
from incidentlog.projections.raids_by_place import RAIDS_BY_PLACE
from incidentlog.projections.repatriated_by_nationality import REPATRIATED_BY_NATIONALITY
from incidentlog.projections.requests_by_nationality import REQUESTS_BY_NATIONALITY
from incidentlog.projections.rescued_by_nationality import RESCUED_BY_NATIONALITY

PROJECTIONS: Mapping[str, Projection[Any, Any]] = MappingProxyType({
    projection.name: projection
    for projection in (
        ESTIMATES,
        RESCUED_BY_NATIONALITY,
        REPATRIATED_BY_NATIONALITY,
        REQUESTS_BY_NATIONALITY,
        MISSING_BY_NATIONALITY,
        ARRESTS_BY_PLACE,
        RAIDS_BY_PLACE,
        OFFICIAL_ACTIONS,
    )
})  # fmt: skip
