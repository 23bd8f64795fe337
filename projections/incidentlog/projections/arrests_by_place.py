"""People arrested, by place."""

from incidentlog.projections.by_place import by_place

ARRESTS_BY_PLACE = by_place("arrests-by-place", "arrested")
