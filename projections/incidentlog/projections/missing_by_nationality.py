"""People missing, by nationality: the newest word of each cell, a stock."""

from incidentlog.projections.by_nationality import by_nationality

MISSING_BY_NATIONALITY = by_nationality("missing-by-nationality", "missing")
