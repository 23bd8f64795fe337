"""What of an article is in the log already: its claims, and which events about them hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from incidentlog.schemas import edtf
from incidentlog.schemas.about import AboutClaims, ClaimCorrected, ClaimRetracted
from incidentlog.schemas.events import Event, digest, dump


class Published:
    """A set of events of the log, in any order, repetitions included.

    Verdicts on how sure a claim is, and on a whole utterance by its key, are other people's and stay out of it.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.claims: dict[str, Event] = {}
        self._about: dict[str, dict[str, Event]] = defaultdict(dict)
        self._holding: dict[str, bool] = {}
        for event in events:
            if not isinstance(event.data, AboutClaims):
                self.claims[event.id] = min(event, self.claims.get(event.id, event), key=_first)
            elif event.data.target.id is not None:
                self._about[event.data.target.id][event.id] = event

    def holds(self, event_id: str) -> bool:
        """Whether no retraction that holds names it."""
        if event_id not in self._holding:
            self._holding[event_id] = not self.retractions(event_id)
        return self._holding[event_id]

    def retractions(self, event_id: str) -> tuple[Event, ...]:
        """The retractions of an event that hold, by id."""
        return self._that_hold(event_id, ClaimRetracted)

    def corrections(self, event_id: str) -> tuple[Event, ...]:
        """The corrections of a claim that hold, by id."""
        return self._that_hold(event_id, ClaimCorrected)

    def effective(self, event_id: str) -> Event:
        """A claim with the content it now has."""
        claim, corrections = self.claims[event_id], self.corrections(event_id)
        if not corrections:
            return claim
        last = max(corrections, key=_published)
        assert isinstance(last.data, ClaimCorrected)
        return Event(claim.id, claim.source, last.data.content, claim.recorded)

    def spent(self) -> frozenset[str]:
        """Ids of events about claims that no longer hold: the same event would change nothing again."""
        return frozenset(each for events in self._about.values() for each in events if not self.holds(each))

    def _that_hold(self, event_id: str, kind: type[AboutClaims]) -> tuple[Event, ...]:
        about = self._about.get(event_id, {})
        return tuple(about[each] for each in sorted(about) if isinstance(about[each].data, kind) and self.holds(each))


def _first(event: Event) -> tuple[str, str]:
    return event.recorded or "", digest(dump(event.data))


def _published(event: Event) -> tuple[str, str]:
    assert isinstance(event.data, ClaimCorrected)
    return edtf.last_moment(event.data.published.edtf), event.id
