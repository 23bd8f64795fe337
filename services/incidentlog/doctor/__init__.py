"""What is wrong with a set-up, and the command that mends it."""

from incidentlog.doctor.checks import examine
from incidentlog.doctor.facts import Facts
from incidentlog.doctor.findings import Finding
from incidentlog.doctor.gather import gather

__all__ = ["Facts", "Finding", "examine", "gather"]
