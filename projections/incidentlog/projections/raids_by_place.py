"""Sites raided or shut, by place."""

from incidentlog.projections.by_place import by_place

RAIDS_BY_PLACE = by_place("raids-by-place", "sites_raided")
