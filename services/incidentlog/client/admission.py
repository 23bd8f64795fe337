"""The write edge: what an event must pass before it may be appended, and how it then looks on the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from incidentlog.client.known import Known
from incidentlog.client.refusals import CellChanged, EventRefused, EventTooLarge, IdConflict, PublishError
from incidentlog.schemas import paraphrase, reviewers
from incidentlog.schemas.about import AboutClaims, ClaimCorrected
from incidentlog.schemas.actions import OfficialAction
from incidentlog.schemas.claims import CountedClaim
from incidentlog.schemas.codec import problems
from incidentlog.schemas.context import checking
from incidentlog.schemas.envelope import CONTENT_TYPE, LARGEST, wrap
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.events import Event, claim_id, digest
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.topics import Topics

HEADERS = (("content-type", CONTENT_TYPE.encode()),)
_HEX = frozenset("0123456789abcdef")


class Admitted(NamedTuple):
    """An event that may be appended: `value` is None where the log has it already."""

    topic: str
    cell: str
    value: bytes | None


class Admission:
    """Checks events against the registers and against what is known; stamps and encodes them."""

    def __init__(
        self, topics: Topics, registers: Registers, known: Known | None, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._topics, self._registers, self._known = topics, registers, known
        self._clock = clock or (lambda: datetime.now(UTC))
        self._homes: dict[str, str] = {}
        self._passed: set[tuple[object, ...]] = set()

    def admit(self, event: Event) -> Admitted:
        """The event as it goes into the log; a PublishError says why it may not."""
        topic = self.topic(event)
        if len(event.id) != 32 or not _HEX.issuperset(event.id):
            raise EventRefused(topic, event.id, "id: 32 hexadecimal digits are expected")
        self._agrees(topic, event)
        envelope = wrap(event)
        cell = envelope["partitionkey"]
        if self._known is not None:
            content = digest(envelope["data"])
            entry = self._known.get(event.id)
            if entry is not None:
                if entry.digest != content:
                    raise IdConflict(topic, event.id)
                return Admitted(topic, cell, None)
            self._target_is_there(topic, event)
        if event.recorded is None:
            envelope["recordedtime"] = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        value = orjson.dumps(envelope)
        if len(value) > LARGEST:
            raise EventTooLarge(topic, event.id, len(value), LARGEST)
        if self._known is not None:
            self._known.add(event.id, content, cell)
        return Admitted(topic, cell, value)

    def objection(self, event: Event, note: str | None = None) -> PublishError | None:
        """Why the event may not go into the log with its note, if so; from then on it counts as known."""
        try:
            if note is not None:
                self.check_note(event, note)
            self.admit(event)
        except PublishError as refusal:
            return refusal
        return None

    def topic(self, event: Event) -> str:
        """The topic that carries the event."""
        name = self._homes.get(event.home)
        if name is None:
            name = self._homes[event.home] = self._topics.events(event.home)
        return name

    def check_note(self, event: Event, note: str) -> None:
        """EventRefused if the paraphrase is too long or may identify a person, or if it cannot be known to be erased."""
        if self._known is None:
            problem = "note: needs a publisher with known=True, which sees what was erased and does not bring it back"
            raise EventRefused(self.topic(event), event.id, problem)
        if isinstance(event.data, AboutClaims) and not isinstance(event.data, ClaimCorrected):
            raise EventRefused(
                self.topic(event), event.id, f"note: a {event.type} has no text of its own to paraphrase"
            )
        found = paraphrase.problems(note, self._registers)
        if found:
            raise EventRefused(self.topic(event), event.id, f"note: {'; '.join(found)}")

    def _agrees(self, topic: str, event: Event) -> None:
        """Offices, measure and id are as the registers and the article's identity say."""
        data = event.data
        try:
            if isinstance(data, AboutClaims):
                if isinstance(data, ClaimCorrected):
                    self._registered(data.content)
                    self._nobody(data.content)
                self._behind(data)
                self._type_of_cell(data)
            else:
                _own_id(event, data.ref)
                self._registered(data)
                self._nobody(data)
        except ValidationError as error:
            raise EventRefused(topic, event.id, problems(error)) from error
        except InvalidValue as error:
            raise EventRefused(topic, event.id, str(error)) from error

    def _registered(self, data: CountedClaim | OfficialAction) -> None:
        """Validate anew, with the registers, what was not seen yet in this combination.

        Only the model's own after-validators run on an object that is valid already; everything they ask the registers
        about is in the key.
        """
        office = data.authority
        seen: tuple[object, ...] = (
            type(data),
            office.id,
            office.standing,
            office.country,
            office.subdivision,
            data.relayed_by,
        )
        if isinstance(data, CountedClaim):
            seen += (data.measure, data.counting_unit, data.kind)
        if seen not in self._passed:
            type(data).model_validate(data, context=checking(self._registers))
            self._passed.add(seen)

    def _nobody(self, data: CountedClaim | OfficialAction) -> None:
        """Words that a source used, and labels, name no person: the log cannot forget them, as it can a paraphrase."""
        words = {"quantity.stated": data.quantity.stated} if data.quantity else {}
        codes = {"ref": data.ref}
        if isinstance(data, CountedClaim):
            words["population.as_stated"] = getattr(data.population, "as_stated", None)
            codes["statement_key"] = data.statement_key
        found = [(name, paraphrase.of_words(text, self._registers)) for name, text in words.items() if text]
        for name, problems_of_it in [*found, *((name, paraphrase.of_code(text)) for name, text in codes.items())]:
            if problems_of_it:
                raise InvalidValue(name, "; ".join(problems_of_it))

    def _behind(self, data: AboutClaims) -> None:
        """An office or a role decides, never a person."""
        found = "" if data.by is None else reviewers.problem(data.by, self._registers)
        if found:
            raise InvalidValue("by", found)

    def _type_of_cell(self, data: AboutClaims) -> None:
        """A counted claim's measure belongs to its type, so a target that says otherwise names no claim."""
        measure = self._registers.measures.get(data.cell.measure)
        if measure is not None and measure.event_type != data.target.type:
            raise InvalidValue("target", f"{data.target.cell} belongs to {measure.event_type}, not {data.target.type}")

    def _target_is_there(self, topic: str, event: Event) -> None:
        """What is known of the target must be in the cell that the event names."""
        target = getattr(event.data, "target", None)
        if self._known is None or target is None or target.id is None or not _HEX.issuperset(target.id):
            return
        entry = self._known.get(target.id)
        if entry is not None and entry.cell != target.cell:
            raise CellChanged(topic, event.id, target.cell, entry.cell)


def _own_id(event: Event, ref: str) -> None:
    right = claim_id(event.source, ref)
    if event.id != right:
        raise InvalidValue("id", f"of {event.source} and {ref} is {right}")
