"""People rescued, by nationality."""

from incidentlog.projections.by_nationality import by_nationality

RESCUED_BY_NATIONALITY = by_nationality("rescued-by-nationality", "rescued")
