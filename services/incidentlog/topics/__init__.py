"""The cluster's topics: create those that are missing, say how the others differ, grant rights. Existing topics are never altered."""

from incidentlog.topics.access import Granted, commands, grant, together
from incidentlog.topics.apply import apply
from incidentlog.topics.check import Difference, check

__all__ = ["Difference", "Granted", "apply", "check", "commands", "grant", "together"]
