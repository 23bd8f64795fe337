"""People whose rescue was asked for, by nationality."""

from incidentlog.projections.by_nationality import by_nationality

REQUESTS_BY_NATIONALITY = by_nationality("requests-by-nationality", "persons_requested")
