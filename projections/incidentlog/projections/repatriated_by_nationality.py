"""People brought home by a state, by nationality."""

from incidentlog.projections.by_nationality import by_nationality

REPATRIATED_BY_NATIONALITY = by_nationality("repatriated-by-nationality", "repatriated")
