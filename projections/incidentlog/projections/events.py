"""Step 1's events about claims: which of them hold, and what those that hold make of a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incidentlog.projections.brief import brief
from incidentlog.schemas.statements import BY_KEY, CORRECTION, GRADING, RETRACTION, Content, Statement


class Events:
    """Corrections, retractions, gradings and redactions of a cell by id, and by what they are about.

    What was recorded after `known` is not heard ("": everything is).
    """

    __slots__ = ("about", "by_id", "known")

    def __init__(self, known: str) -> None:
        self.known = known
        self.by_id: dict[str, Statement] = {}
        self.about: dict[str, list[str]] = {}

    def add(self, event: Statement) -> None:
        """Take an event in; an id comes once."""
        self.by_id[event.id] = event
        self.about.setdefault(_target(event), []).append(event.id)

    def remove(self, event: Statement) -> None:
        """Let an event go."""
        del self.by_id[event.id]
        target = _target(event)
        mine = self.about[target]
        mine.remove(event.id)
        if not mine:
            del self.about[target]

    def heard(self, recorded: str) -> bool:
        """Whether what was recorded then is known."""
        return not self.known or recorded <= self.known

    def of(self, claim: str, key: str) -> Iterator[Statement]:
        """What is said about a claim with this id and original statement key."""
        for target in (claim, BY_KEY + brief(key)):
            for name in self.about.get(target, ()):
                event = self.by_id[name]
                if self.heard(event.recorded):
                    yield event

    def concern(self, claim: str, key: str) -> bool:
        """Whether anything was ever said about a claim."""
        return claim in self.about or BY_KEY + brief(key) in self.about

    def targets(self, event: Statement) -> set[str]:
        """What an event bears on in the end: targets that are no events, claims or statement keys."""
        found: set[str] = set()
        seen = {event.id}
        todo = [event]
        while todo:
            target = _target(todo.pop())
            other = self.by_id.get(target)
            if other is None:
                found.add(target)
            elif other.id not in seen:
                seen.add(other.id)
                todo.append(other)
        return found

    def _namers(self, name: str) -> list[str]:
        found = (self.by_id[other] for other in self.about.get(name, ()))
        return [event.id for event in found if event.verb == RETRACTION and self.heard(event.recorded)]

    def holds(self, name: str) -> bool:
        """Whether no retraction that holds names the event. What only a circle of retractions could settle does not hold."""
        if not self._namers(name):
            return True
        namers: dict[str, list[str]] = {}
        todo = [name]
        while todo:
            one = todo.pop()
            if one not in namers:
                namers[one] = self._namers(one)
                todo += namers[one]
        verdict: dict[str, bool] = {}
        while True:
            before = len(verdict)
            for one, others in reversed(namers.items()):  # what a chain hangs on was found last
                if any(verdict.get(other, False) for other in others):
                    verdict[one] = False
                elif not any(verdict.get(other, True) for other in others):
                    verdict[one] = True
            if len(verdict) == before:
                return verdict.get(name, False)


def _target(event: Statement) -> str:
    """What an event is about; a key in brief."""
    target = event.target
    return BY_KEY + brief(target.removeprefix(BY_KEY)) if target.startswith(BY_KEY) else target


def resolved(content: Content, events: Iterable[Statement]) -> tuple[Content, list[Statement]]:
    """What a claim says after the events about it that hold, and the retractions among them.

    The greatest correction by (published, id) replaces the content, the greatest grading by (time, id) the grade.
    """
    correction: tuple[str, str, Content] | None = None
    grading: tuple[str, str, int] | None = None
    retractions = []
    for event in events:
        if event.verb == RETRACTION:
            retractions.append(event)
        elif event.verb == CORRECTION and event.content is not None:
            candidate = (event.content.published, event.id, event.content)
            if correction is None or candidate[:2] > correction[:2]:
                correction = candidate
        elif event.verb == GRADING:
            grading = max(grading or ("", "", 0), (event.time, event.id, event.grade))
    if correction is not None:
        content = correction[2]
    if grading is not None:
        content = content._replace(grade=grading[2])
    return content, retractions
