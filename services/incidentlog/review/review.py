"""A verdict in two steps: proposed, with what it would do to every number, and confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from incidentlog.client import History, Publisher
from incidentlog.client.connect import broker_at
from incidentlog.client.ports import Broker
from incidentlog.client.receipts import Receipt
from incidentlog.projections.precedence import by_register
from incidentlog.review.dossier import Dossier, dossier
from incidentlog.review.proposing import Proposal, check_erasure, drafted, note_in, proposed
from incidentlog.review.requests import Request
from incidentlog.schemas.about import ClaimRedacted
from incidentlog.schemas.events import Event
from incidentlog.schemas.registers import Registers, builtin
from incidentlog.schemas.topics import Topics


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
        where = broker_at(self.broker)
        found = await dossier(where, self.topics, self.registers, name, cell)
        event = drafted(request, found, self.topics, self.registers, self.clock())
        noted = await self._noted(where, found, event)
        check_erasure(request, found, noted)
        return proposed(event, found, by_register(self.registers), noted, note_in(request, found, self.registers))

    async def confirm(self, proposal: Proposal) -> Receipt:
        """Append the event, and erase or write the paraphrase; doing it twice changes no number."""
        # Only who writes notes must know what was erased before; to learn that takes reading the log once more.
        known = proposal.note is not None
        where = broker_at(self.broker)
        async with Publisher(where, topics=self.topics, registers=self.registers, known=known) as publisher:
            return await publisher.publish(proposal.event, note=proposal.note)

    async def _noted(self, where: Broker, found: Dossier, event: Event) -> set[str]:
        """The claims that have a paraphrase, of those whose paraphrases the event would erase."""
        if not isinstance(event.data, ClaimRedacted):
            return set()
        async with History(where, topics=self.topics) as history:
            return set(await history.notes(found.worded(event.data.target)))
