"""Human review: grades, corrections, retractions, redactions and their undoing, with what each would do to numbers."""

from incidentlog.review.errors import ReviewError
from incidentlog.review.proposing import Proposal
from incidentlog.review.requests import CorrectIt, GradeIt, RedactIt, Request, RetractIt, UndoIt
from incidentlog.review.review import Review

__all__ = [
    "CorrectIt", "GradeIt", "Proposal", "RedactIt", "Request", "RetractIt", "Review", "ReviewError", "UndoIt",
]  # fmt: skip
