"""One sheet being read: what its statements fall back on, their days, and where findings are noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ParamSpec, TypeVar

from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quantities import quantity
from incidentlog.schemas.registers import Measure, Registers
from incidentlog.sheets import timing
from incidentlog.sheets.document import Document, Path
from incidentlog.sheets.drafts import WHEN, Draft
from incidentlog.sheets.header import Header, day
from incidentlog.sheets.links import Links
from incidentlog.sheets.timing import Timing

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Reading:
    """The sheet's head, its drafts by ref, and the registers they are read by. Days are worked out once per statement."""

    def __init__(self, document: Document, header: Header, drafts: Mapping[str, Draft], registers: Registers) -> None:
        self.document, self.header, self.drafts, self.registers = document, header, drafts, registers
        self.links = Links(header, drafts)
        self._timings: dict[str, Timing | None] = {}

    def report(self, draft: Draft, name: str, text: str) -> None:
        """Note a finding on a field; what to write instead stands after the first semicolon of `text`."""
        problem, _, instead = text.replace(" is not registered: ", " is not registered; ").partition("; ")
        self.document.report(self._where(draft, name), name, problem, instead)

    def _where(self, draft: Draft, name: str) -> Path:
        """Where a field stands: in its own statement, in the one around it, or in the head; else the statement itself."""
        if name in draft.places:
            return draft.places[name]
        return (name,) if name in self.header.defaults else (*draft.path, "ref")

    def read(self, draft: Draft, name: str, reader: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> _T | None:
        """What `reader` makes of a field; None, and a finding, if it raises InvalidValue. Without a `name` the error
        knows which field is to blame."""
        try:
            return reader(*args, **named)
        except InvalidValue as error:
            blamed = (field for field in (error.field, *WHEN) if field in draft.fields)
            self.report(draft, name or next(blamed, "ref"), error.problem)
            return None

    def stated(self, draft: Draft, name: str) -> Any:
        """A field of the statement, else of the head."""
        return draft.fields[name] if name in draft.fields else self.header.defaults.get(name)

    def measure(self, draft: Draft) -> Measure | None:
        """The measure of a counted claim; None for an action, or if it is not registered."""
        try:
            return self.registers.measure(draft.fields["reports"]) if draft.counts else None
        except InvalidValue:
            return None

    def occasion(self, draft: Draft) -> date | None:
        """The day the authority spoke, where the sheet says so."""
        text = self.stated(draft, "said_on")
        try:
            return day(text, "said_on") if text is not None else None
        except InvalidValue:
            return None

    def timing(self, draft: Draft) -> Timing | None:
        """The days of a statement; None if they cannot be told, which is reported once."""
        if draft.ref not in self._timings:
            self._timings[draft.ref] = None  # whoever asks again while it is worked out has gone in a circle
            self._timings[draft.ref] = self.read(draft, "", self._worked_out, draft)
        return self._timings[draft.ref]

    def _worked_out(self, draft: Draft) -> Timing | None:
        occasion = self.occasion(draft)
        found = timing.stated(draft.fields, occasion)
        lender = self.drafts.get(str(draft.fields.get("part_of", draft.around)))
        if found is None and lender is not None:
            return None if lender.broken else self.timing(lender)
        if found is None and "/" in str(draft.fields.get("part_of", "")):
            raise InvalidValue("part_of", "lies in another article's statement; add this one's own days, such as "
                               "during: 2022-09-01/2022-09-21")  # fmt: skip
        if found is not None:
            return found
        if occasion is None and self.stated(draft, "said_on") is not None:
            return None  # the day is there, but cannot be read
        if occasion is None:
            raise InvalidValue("ref", "does not say when; add until, on or during, or said_on at the top of the sheet")
        return timing.undated(occasion, self.measure(draft), further=self._further(draft))

    def _further(self, draft: Draft) -> bool:
        stated = draft.fields.get("quantity")
        try:
            return not isinstance(stated, dict) and quantity(str(stated)).prior_unknown
        except InvalidValue:
            return False
