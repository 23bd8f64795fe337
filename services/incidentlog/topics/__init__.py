"""The cluster's topics: create those that are missing, say how the others differ. Existing topics are never altered."""

from incidentlog.topics.apply import apply
from incidentlog.topics.check import Difference, check

__all__ = ["Difference", "apply", "check"]
