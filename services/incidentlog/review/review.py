"""A verdict in two steps: proposed, with what it would do to every number, and confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from incidentlog.client import History, Publisher
from incidentlog.client.admission import Admission
from incidentlog.client.connect import broker_at
from incidentlog.client.notes import erased_by
from incidentlog.client.ports import Broker
from incidentlog.client.receipts import Receipt
from incidentlog.projections.effects import Effect, effects
from incidentlog.projections.precedence import by_register
from incidentlog.review.dossier import Dossier, dossier
from incidentlog.review.errors import AlreadySo, BadChange, NotAnOffice
from incidentlog.review.requests import CorrectIt, RedactIt, Request
from incidentlog.review.verdicts import current, verdict
from incidentlog.schemas import paraphrase, records, reviewers
from incidentlog.schemas.about import AboutClaims, ClaimRedacted
from incidentlog.schemas.envelope import wrap
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.statements import REDACTION
from incidentlog.schemas.topics import Topics


@dataclass(frozen=True, slots=True)
class Proposal:
    """A verdict that nobody has confirmed yet: its `event`, about `subject`, a claim or an event about one.

    `numbers` are all that count the cell, `erases` the claims whose paraphrases would go for good, `note` the paraphrase
    that would come.
    """

    event: Event
    subject: Event
    numbers: list[Effect]
    erases: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Verdicts on what is in the log at `broker`.

        review = Review("localhost:19092")
        proposal = await review.propose(RetractIt(by="DATA-DESK", reason="source_withdrew"), "S2-03")
        for number in proposal.numbers: ...
        await review.confirm(proposal)

    It asks `clock` when a verdict was given. Two that are proposed side by side see nothing of each other.
    """

    broker: str | Broker
    topics: Topics = field(default_factory=Topics)
    registers: Registers = field(default_factory=builtin)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def propose(self, request: Request, name: str, cell: str = "") -> Proposal:
        """What `request` would do to the claim called `name`, by its ref or id, looked for in `cell` if given.

        Appends nothing. A ReviewError says why it cannot be, a PublishError what the edge would not take.
        """
        wrong = reviewers.problem(request.by, self.registers)
        if wrong:
            raise NotAnOffice(request.by, wrong)
        where = broker_at(self.broker)
        found = await dossier(where, self.topics, self.registers, name, cell)
        event = verdict(request, found, self.registers, self.clock())
        Admission(self.topics, self.registers, None, self.clock).admit(event)
        _, at, statement = records.read(wrap(event))
        numbers = effects(at, found.statements, [(at, statement)], by_register(self.registers))
        erases = await self._erased(where, found, request, event)
        return Proposal(event, found.subject, numbers, erases, self._note(request, found))

    async def confirm(self, proposal: Proposal) -> Receipt:
        """Append the event, and erase or write the paraphrase; doing it twice changes no number."""
        # Only who writes notes must know what was erased before; to learn that takes reading the log once more.
        known = proposal.note is not None
        where = broker_at(self.broker)
        async with Publisher(where, topics=self.topics, registers=self.registers, known=known) as publisher:
            return await publisher.publish(proposal.event, note=proposal.note)

    async def _erased(self, where: Broker, found: Dossier, request: Request, event: Event) -> tuple[str, ...]:
        """The claims whose paraphrases a redaction would erase; AlreadySo if it was redacted and there are none."""
        if not isinstance(event.data, ClaimRedacted):
            return ()
        claims = await erased_by(where, self.topics, event.data)
        async with History(where, topics=self.topics) as history:
            noted = await history.notes(claims)
        before = [each for each in found.holding() if each.verb == REDACTION]
        if before and not noted and not (isinstance(request, RedactIt) and request.wordings):
            raise AlreadySo(current(found).ref, f"was redacted by {before[-1].id}")
        return tuple(sorted(noted))

    def _note(self, request: Request, found: Dossier) -> str | None:
        if not isinstance(request, CorrectIt) or not request.note:
            return None
        assert not isinstance(found.subject.data, AboutClaims)
        wrong = paraphrase.problems(request.note, self.registers)
        if wrong:
            raise BadChange(found.subject.data.ref, f"note: {'; '.join(wrong)}")
        return request.note
