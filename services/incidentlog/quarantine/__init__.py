"""Dead letters: looked at, mended, and published again."""

from incidentlog.quarantine.letters import Letter, Wanted
from incidentlog.quarantine.reading import letters
from incidentlog.quarantine.redrive import Outcome, redrive

__all__ = ["Letter", "Outcome", "Wanted", "letters", "redrive"]
