"""Step 1: the set of one cell, every copy of every event, and what its claims say after the events about them.

The set is strict: no order of arrival and no repetition changes what follows from it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator

from incidentlog.projections.brief import brief
from incidentlog.projections.entry import LATER, RETRACTED, UNHEARD, Entry, entry_of
from incidentlog.projections.events import Events, resolved
from incidentlog.projections.high import Account
from incidentlog.projections.nothing import NOTHING
from incidentlog.schemas.statements import BY_KEY, CLAIM, CORRECTION, Content, Statement

#: What is said about claims where nothing is said. For all cells.
SILENCE = Events("")
SILENCE.by_id = SILENCE.about = NOTHING


class ClaimSet(ABC):
    """Statements in; claims as they stand out, to `_admit`, and to `_dismiss` before they stand otherwise.

    `until` is the last day that counts (an ordinal, 0: no limit), `known` the last recorded time that is heard ("": no
    limit). `version` grows with the set: the number of different (id, digest) it holds.
    """

    __slots__ = ("_claims", "_copies", "_events", "_keyed", "_originals", "_places", "known", "until", "version")

    def __init__(self, *, until: int = 0, known: str = "") -> None:
        self.until, self.known = until, known
        self.version = 0
        self._claims: dict[str, Entry] = {}
        self._events = SILENCE if not known else Events(known)
        #: Contents that compete for one id, by digest.
        self._copies: dict[str, dict[str, Statement]] = NOTHING
        #: What a claim said at first, and where it was ever said to be: only of claims that something was said about.
        self._originals: dict[str, Content] = NOTHING
        self._places: dict[str, frozenset[str]] = NOTHING
        #: Claims by original statement key, once an event names one.
        self._keyed: dict[str, list[str]] | None = None

    @abstractmethod
    def _account(self, content: Content) -> Account:
        """The account of the authority that says this."""

    @abstractmethod
    def _admit(self, claim: Entry) -> None:
        """A claim stands so from now on."""

    @abstractmethod
    def _dismiss(self, claim: Entry) -> None:
        """A claim is about to stand otherwise, or to go."""

    @abstractmethod
    def _meet(self, name: str) -> None:
        """An id became that of a claim, or ceased to be."""

    def add(self, statement: Statement) -> bool:
        """Take an event in. True: the set changed and must be stored; False: it was known."""
        name = statement.id
        claim = self._claims.get(name)
        if claim is None and (self._events is SILENCE or name not in self._events.by_id):
            self.version += 1
            content = statement.content
            if content is not None and statement.verb == CLAIM:
                self._install_claim(statement, content)
            else:
                self._install(statement)
            return True
        known = claim is not None and claim.digest == statement.digest and claim.recorded <= statement.recorded
        return False if known and name not in self._copies else self._add_copy(statement)

    def later(self) -> Iterator[tuple[int, str]]:
        """The claims that `until` leaves out: (the day from which each counts, its id)."""
        return ((claim.end, name) for name, claim in self._claims.items() if claim.fate == LATER)

    def extend(self, until: int, names: Iterable[str]) -> None:
        """Let `until` be a later day; `names` are all claims of `later` that count by then."""
        self.until = until
        for name in names:
            self._resolve(name)

    def contested(self, name: str) -> bool:
        """Whether several contents compete for this id: each of them must be stored."""
        return name in self._copies

    def _add_copy(self, statement: Statement) -> bool:
        known = self._statement(statement.id)
        copies = self._copies.get(statement.id) or {known.digest: known}
        same = copies.get(statement.digest)
        if same is not None and same.recorded <= statement.recorded:
            return False
        if same is None:
            self.version += 1
        copies[statement.digest] = statement
        self._uninstall(known)
        if len(copies) > 1:
            self._copies = self._copies or {}
            self._copies[statement.id] = copies
        self._install(min(copies.values(), key=lambda copy: (copy.recorded, copy.digest)))
        return True

    def _statement(self, name: str) -> Statement:
        claim = self._claims.get(name)
        if claim is None:
            return self._events.by_id[name]
        content = self._originals.get(name) or claim.content
        return Statement(name, CLAIM, claim.recorded, claim.digest, claim.ref, "", "", content.grade, content, None)

    def _install(self, statement: Statement) -> None:
        if statement.verb == CLAIM and statement.content is not None:
            self._install_claim(statement, statement.content)
            return
        if self._events is SILENCE:
            self._events = Events(self.known)
        self._events.add(statement)
        for claim in self._reached(statement):
            self._resolve(claim)

    def _uninstall(self, statement: Statement) -> None:
        name = statement.id
        claim = self._claims.get(name)
        if claim is None:
            reached = self._reached(statement)
            self._events.remove(statement)
            for other in reached:
                self._resolve(other)
            return
        self._dismiss(claim)
        del self._claims[name]
        self._originals.pop(name, None)
        self._places.pop(name, None)
        if self._keyed is not None and statement.content is not None:
            self._keyed[brief(statement.content.statement_key)].remove(name)
        self._meet(name)

    def _install_claim(self, statement: Statement, content: Content) -> None:
        name = statement.id
        entry = self._claims[name] = entry_of(statement, content, self._account(content))
        if self._keyed is not None:
            self._keyed.setdefault(entry.key, []).append(name)
        self._meet(name)
        events = self._events
        if (
            self.until
            or (events is not SILENCE and (self.known or events.concern(name, entry.key)))
            or (self._copies and name in self._copies)
        ):
            entry.fate = UNHEARD
            self._resolve(name)
        else:
            self._admit(entry)

    def _reached(self, event: Statement) -> list[str]:
        """The claims an event bears on."""
        found: dict[str, None] = {}
        for target in self._events.targets(event):
            if target.startswith(BY_KEY):
                found.update(dict.fromkeys(self._wordings(target.removeprefix(BY_KEY))))
            elif target in self._claims:
                found[target] = None
        return list(found)

    def _wordings(self, key: str) -> list[str]:
        if self._keyed is None:
            self._keyed = {}
            for name, claim in self._claims.items():
                original = self._originals.get(name)
                first = claim.key if original is None else brief(original.statement_key)
                self._keyed.setdefault(first, []).append(name)
        return self._keyed.get(key, [])

    def _resolve(self, name: str) -> None:
        """Step 1 for one claim, anew."""
        before = self._claims[name]
        original = self._originals.pop(name, None) or before.content
        self._dismiss(before)
        said = list(self._events.of(name, original.statement_key))
        content, retractions = resolved(original, (e for e in said if self._events.holds(e.id)))
        account = self._account(content)
        statement = Statement(name, CLAIM, before.recorded, before.digest, before.ref, "", "", 0, None, None)
        entry = entry_of(statement, content, account)
        if not self._events.heard(entry.recorded):
            entry.fate = UNHEARD
        elif self.until and entry.end > self.until:
            entry.fate = LATER
        elif retractions:
            entry.fate = RETRACTED
        if content is not original:
            self._originals = self._originals or {}
            self._originals[name] = original
        self._places = self._places or {}
        self._places[name] = frozenset(self._places_of(name, original, said))
        self._claims[name] = entry
        self._admit(entry)

    def _places_of(self, name: str, original: Content, said: Iterable[Statement]) -> Iterator[str]:
        contents = [e.content for e in said if e.verb == CORRECTION]
        contents += [c.content for c in self._copies.get(name, {}).values() if self._events.heard(c.recorded)]
        for content in [original, *contents]:
            if content is not None and content.subdivision:
                yield content.subdivision

    def _within(self, entry: Entry) -> Collection[str]:
        places = self._places.get(entry.id)
        if places is not None:
            return places
        return (entry.subdivision,) if entry.subdivision else ()
