"""Reviews: verdicts on claims, proposed with their effect and confirmed while that is still what they would do.

A number's state is taken together from what is at hand: the whole set of the verdict's own cell from its partition of events,
and of all other cells what workers say that they contribute, but for those that got events which nobody has folded yet: these
are folded here. So a proposal tells of the log as it is, however far workers are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from incidentlog.client.notes import claim_of
from incidentlog.client.ports import Reader, TopicPartition
from incidentlog.gateway.contributions import Contributions
from incidentlog.gateway.errors import NotReady, TooBusy, UnknownClaim
from incidentlog.gateway.refused import EffectChanged, NotAVerdict, TookTooLong
from incidentlog.gateway.service import Gateway
from incidentlog.gateway.writer import Writer
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.effects import measures_beside
from incidentlog.review import Proposal, Request
from incidentlog.review.dossier import Entry, checked, entries_of, filed
from incidentlog.review.errors import NoSuchClaim
from incidentlog.review.proposing import check_erasure, check_office, drafted, note_in, proposed
from incidentlog.schemas.about import AboutClaims, ClaimRedacted
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.contributions import Contribution, decode_contribution
from incidentlog.schemas.events import Event
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.topics import Topics

#: Reviews that may be under way or wait for their turn, and seconds that waiting, and reading for one, may take.
_WAITING, _PATIENCE = 8, 30.0


class Confirmed(NamedTuple):
    """What became of a verdict's event; `position` is its place in the log, None where the broker did not tell."""

    event: str
    outcome: Literal["appended", "known"]
    position: str | None


@dataclass(slots=True)
class State:
    """What the log has of a cell, what it has of other cells that workers have not folded yet, and what the others contribute."""

    cell: Cell
    entries: list[Entry]
    unfolded: dict[Cell, list[Statement]]
    contributions: list[bytes] = field(default_factory=list)

    def beside(self) -> Iterable[Contribution]:
        """The contributions of the cells that are not here with their statements."""
        here = {str(self.cell), *map(str, self.unfolded)}
        return (each for each in map(decode_contribution, self.contributions) if each.cell not in here)

    def others(self) -> Iterable[tuple[Cell, Statement]]:
        """The statements of the other cells that are here."""
        return ((cell, each) for cell, found in self.unfolded.items() for each in found)


class Reviewing:
    """Proposes and confirms, one at a time: nothing is confirmed between looking at a number and appending what changes it."""

    def __init__(
        self, gateway: Gateway, writer: Writer, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._gateway, self._writer, self._clock = gateway, writer, clock
        self._contributions = Contributions()
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def propose(self, request: Request, name: str, number: str = "") -> Proposal:
        """What `request` would do to the claim called `name`, in the cell that is, or holds, `number`; appends nothing.

        Without a number it goes by its id. A ReviewError or a PublishError says why it cannot be.
        """
        check_office(request.by, self._gateway.registers)
        cell = self._cell(name, number)
        async with self._its_turn():
            return await asyncio.to_thread(self._proposed, await self._state(cell), request, name)

    async def confirm(self, event: Event, note: str | None, digest: str) -> Confirmed:
        """Append a verdict that was proposed; EffectChanged, with what it would do now, if that is another thing than the
        `digest` of its proposal stands for. One that is there already is known, whatever came after it."""
        if not isinstance(event.data, AboutClaims):
            raise NotAVerdict(event.type)
        check_office(event.data.by, self._gateway.registers)
        async with self._its_turn():
            state = await self._state(event.cell)
            known = next((each for each in state.entries if each.statement.id == event.id), None)
            if known is None:
                proposal = await asyncio.to_thread(self._again, state, event, note)
                if proposal.digest != digest:
                    raise EffectChanged(proposal)
            else:
                await self._writer.learn(event.id, known.statement.digest, str(event.cell))
            return await self._append(event, note, known)

    async def _append(self, event: Event, note: str | None, known: Entry | None) -> Confirmed:
        notes = {} if note is None else {claim_of(event): note}
        receipts, refused = await self._writer.publish([event], notes)
        if event.id in refused:
            raise refused[event.id]
        receipt = receipts[event.id][0]
        place = None if receipt.offset is None else f"{receipt.topic}:{receipt.partition}:{receipt.offset}"
        return Confirmed(event.id, receipt.outcome, known.position if known else place)

    def _cell(self, name: str, number: str) -> Cell:
        if number:
            return Cell.parse("/".join(number.split("/")[:3]))
        cell = self._gateway.claims.cell_of(name)
        if cell is None:
            raise UnknownClaim(name, "a ref needs beside it, as `in`, the number it stands in, such as rescued/VNM/KHM")
        return Cell.parse(cell)

    def _proposed(self, state: State, request: Request, name: str) -> Proposal:
        gateway, found = self._gateway, filed(state.cell, state.entries, name)
        event = drafted(request, found, gateway.topics, gateway.registers, self._clock())
        noted = self._noted(event, found.worded)
        check_erasure(request, found, noted)
        note = note_in(request, found, gateway.registers)
        found.statements += state.others()
        return proposed(event, found, gateway.precedence, noted, note, state.beside())

    def _again(self, state: State, event: Event, note: str | None) -> Proposal:
        """What a verdict's event would do now."""
        assert isinstance(event.data, AboutClaims)
        target = event.data.target
        named = [
            each.statement.id for each in state.entries
            if each.statement.id == target.id
            or (target.statement_key and each.statement.content and each.statement.content.statement_key == target.statement_key)
        ]  # fmt: skip
        if not named:
            raise NoSuchClaim(target.id or target.statement_key or "", target.cell, ())
        found = filed(state.cell, state.entries, named[0])
        if found.subject.home != event.home:
            raise NoSuchClaim(found.subject.id, target.cell, ())
        noted = self._noted(event, found.worded)
        found.statements += state.others()
        return proposed(event, found, self._gateway.precedence, noted, note, state.beside())

    def _noted(self, event: Event, worded: Callable[..., list[str]]) -> set[str]:
        """The claims whose paraphrases a redaction would erase."""
        if not isinstance(event.data, ClaimRedacted):
            return set()
        return set(self._gateway.claims.notes(worded(event.data.target)))

    async def _state(self, cell: Cell) -> State:
        """What there is now."""
        gateway = self._gateway
        topics = replace(gateway.topics, version=gateway.claims.version)
        try:
            async with asyncio.timeout(_PATIENCE), gateway.broker.reader() as reader:
                async with gateway.broker.admin() as admin:
                    committed = await admin.committed(topics.group)
                await gateway.barrier.passed()  # what was folded before that is in the gateway's claims, and below
                entries = await entries_of(reader, topics, gateway.registers, cell)
                tails = [each async for each in self._unfolded(reader, topics, cell, committed)]
                rollups = [name for name, each in PROJECTIONS.items() if cell.measure in each.measures]
                await self._contributions.read(reader, topics, rollups)
        except TimeoutError:
            raise TookTooLong(_PATIENCE) from None
        if gateway.claims.version != topics.version:  # another one was promoted meanwhile
            raise NotReady("review")
        unfolded: dict[Cell, list[Statement]] = {}
        for other, statement in tails:
            if other not in unfolded:
                unfolded[other] = gateway.claims.of(str(other))
            unfolded[other].append(statement)
        return State(cell, entries, unfolded, self._contributions.of(rollups))

    async def _unfolded(
        self, reader: Reader, topics: Topics, cell: Cell, committed: dict[TopicPartition, int]
    ) -> AsyncIterator[tuple[Cell, Statement]]:
        """What the log has of other cells beside this one that workers have not folded yet."""
        measures, registers = measures_beside(cell) - {"official"}, self._gateway.registers.measures
        names = sorted({topics.events(registers[each].event_type) for each in measures if each in registers})
        if not names:
            return
        async for other, statement, _ in checked(reader, topics, names, starts=committed):
            if other != cell and other.measure in measures:
                yield other, statement

    @asynccontextmanager
    async def _its_turn(self) -> AsyncIterator[None]:
        if not self._gateway.complete:
            raise NotReady("review")
        if self._waiting >= _WAITING:
            raise TooBusy("reviews", _WAITING)
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE) as limit, self._turn:
                limit.reschedule(None)
                yield
        except TimeoutError:
            if not limit.expired():
                raise  # of what was done in its turn
            raise TooBusy("reviews", self._waiting) from None
        finally:
            self._waiting -= 1
