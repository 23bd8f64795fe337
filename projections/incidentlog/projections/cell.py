"""The fold of one cell: its set of events, and the numbers that follow for the cell and for each subdivision in it.

The set is strict: no order of arrival and no repetition changes what follows from it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from incidentlog.projections import flags
from incidentlog.projections.entry import LATER, LIVE, RETRACTED, UNHEARD, Entry, clone, entry_of, entry_of_merged
from incidentlog.projections.estimate import Estimate
from incidentlog.projections.events import Events, resolved
from incidentlog.projections.merged import Merged
from incidentlog.projections.scope import Scope
from incidentlog.projections.tally import Tally
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import BY_KEY, CLAIM, CORRECTION, Content, Statement


class CellFold:
    """Statements in, estimates out. `until` is the last day that counts (an ordinal, 0: no limit), `known` the last
    recorded time that is heard ("": no limit). `version` grows with the set: the number of different (id, digest) it holds.
    """

    def __init__(self, cell: Cell, *, host_first: bool, until: int = 0, known: str = "") -> None:
        self.cell, self.host_first, self.until, self.known = cell, host_first, until, known
        self.version = 0
        self._claims: dict[str, Entry] = {}
        self._events = Events(known)
        #: Contents that compete for one id, by digest.
        self._copies: dict[str, dict[str, Statement]] = {}
        #: What a claim said at first, and where it was ever said to be: only of claims that something was said about.
        self._originals: dict[str, Content] = {}
        self._places: dict[str, frozenset[str]] = {}
        #: Claims by original statement key, once an event names one.
        self._keyed: dict[str, list[str]] | None = None
        self._present = 0
        self._tally = Tally(cell, self._live, self._claims.__contains__, host_first=host_first)
        self._scopes: dict[str, Scope] = {}
        self._touched: set[str] = set()

    def add(self, statement: Statement) -> bool:
        """Take an event in. True: the set changed and must be stored; False: it was known."""
        name = statement.id
        claim = self._claims.get(name)
        if claim is None and name not in self._events.by_id:
            self.version += 1
            self._install(statement)
            return True
        known = claim is not None and claim.digest == statement.digest and claim.recorded <= statement.recorded
        return False if known and name not in self._copies else self._add_copy(statement)

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
            self._keyed[statement.content.statement_key].remove(name)
        self._meet(name)

    def _install_claim(self, statement: Statement, content: Content) -> None:
        name = statement.id
        account = self._tally.account(content.authority, content.standing, content.country)
        entry = entry_of(statement, content, account)
        self._claims[name] = entry
        if self._keyed is not None:
            self._keyed.setdefault(content.statement_key, []).append(name)
        self._meet(name)
        if self.until or self.known or name in self._copies or self._events.concern(name, content.statement_key):
            entry.fate = UNHEARD
            self._resolve(name)
        else:
            self._admit(entry)

    def _meet(self, name: str) -> None:
        if self._tally.parts.named:
            for tally in [self._tally, *(scope.tally for scope in self._scopes.values())]:
                tally.parts.meet(name)

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
                self._keyed.setdefault(claim.key if original is None else original.statement_key, []).append(name)
        return self._keyed.get(key, [])

    def _resolve(self, name: str) -> None:
        """Step 1 for one claim, anew."""
        before = self._claims[name]
        original = self._originals.pop(name, None) or before.content
        self._dismiss(before)
        said = list(self._events.of(name, original.statement_key))
        content, retractions = resolved(original, (e for e in said if self._events.holds(e.id)))
        account = self._tally.account(content.authority, content.standing, content.country)
        statement = Statement(name, CLAIM, before.recorded, before.digest, before.ref, "", "", 0, None, None)
        entry = entry_of(statement, content, account)
        if not self._events.heard(entry.recorded):
            entry.fate = UNHEARD
        elif self.until and entry.end > self.until:
            entry.fate = LATER
        elif retractions:
            entry.fate = RETRACTED
        if content is not original:
            self._originals[name] = original
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

    def _admit(self, entry: Entry) -> None:
        """Count a claim where its standing lets it."""
        if entry.fate > RETRACTED:
            return
        self._present += 1
        if entry.fate == LIVE:
            self._tally.put(entry)
        for place in self._within(entry):
            scope = self._scopes.get(place)
            if scope is None:
                scope = self._scopes[place] = Scope(self.cell, self._claims, host_first=self.host_first)
            scope.present += 1
            self._touched.add(place)
            if entry.fate == LIVE and entry.subdivision == place:
                copy = clone(entry, scope.tally.account(*entry.account.key))
                scope.clones[entry.id] = copy
                scope.tally.put(copy)

    def _dismiss(self, entry: Entry) -> None:
        """Take back what `_admit` did, before the claim stands otherwise."""
        fate, entry.fate = entry.fate, UNHEARD
        if fate > RETRACTED:
            return
        self._present -= 1
        if fate == LIVE:
            self._tally.drop(entry)
        for place in self._within(entry):
            scope = self._scopes[place]
            scope.present -= 1
            self._touched.add(place)
            if fate == LIVE and entry.subdivision == place:
                scope.tally.drop(scope.clones.pop(entry.id))

    def _live(self, name: str) -> Entry | None:
        claim = self._claims.get(name)
        return claim if claim is not None and claim.fate == LIVE else None

    @property
    def scopes(self) -> list[str]:
        """What has a row: the cell ("") and the subdivisions that have, or had, claims."""
        places = sorted(place for place, scope in self._scopes.items() if scope.present)
        return ["", *places] if self._present else []

    def estimate(self, scope: str = "") -> Estimate | None:
        """The estimate of the cell, or of a subdivision; None before its first claim."""
        if scope and scope not in self._scopes:
            return None
        tally = self._scopes[scope].tally if scope else self._tally
        present = self._scopes[scope].present if scope else self._present
        if not present:
            return None
        estimate = tally.estimate()
        raised = list(estimate.flags)
        if not estimate.live:
            raised.append(flags.WITHDRAWN)
        if self._copies and self._contested(scope):
            raised.append(flags.ID_CONFLICT)
        if present != estimate.live or len(raised) != len(estimate.flags):
            estimate = estimate._replace(flags=tuple(sorted(raised)), withdrawn=present - estimate.live)
        return estimate

    def _contested(self, scope: str) -> bool:
        """Whether an id has several contents, of a claim in this scope or of an event about claims."""
        for name, copies in self._copies.items():
            if sum(self._events.heard(copy.recorded) for copy in copies.values()) > 1:
                claim = self._claims.get(name)
                if claim is None or (claim.fate <= RETRACTED and (not scope or scope in self._within(claim))):
                    return True
        return False

    def merged(self, scope: str = "") -> list[Merged]:
        """The live statements after steps 1 and 2."""
        return [entry.merged for entry in self._statements(scope)]

    def statement_of(self, claim: str) -> Merged | None:
        """The live statement that a claim belongs to."""
        entry = self._tally.statement_of(claim)
        return None if entry is None else entry.merged

    def foreign_parts(self, scope: str = "") -> int:
        """How many containers are named that are no claims of this cell: step 9 looks for them in the mixed cells."""
        if not scope:
            return len(self._tally.parts.foreign)
        return len(self._scopes[scope].tally.parts.foreign) if scope in self._scopes else 0

    def take_changed(self) -> list[str]:
        """Of `scopes` those whose claims, or what is said about them, changed since the last call."""
        touched, self._touched = self._touched, set()
        if self._copies:  # a contested id flags every number of the cell
            return self.scopes
        places = sorted(place for place in touched if self._scopes[place].present)
        return ["", *places] if self._present else []

    def _statements(self, scope: str) -> Iterable[Entry]:
        if not scope:
            return self._tally.statements.values()
        return self._scopes[scope].tally.statements.values() if scope in self._scopes else ()


def estimate_of(cell: Cell, host_first: bool, merged: Iterable[Merged]) -> Estimate:  # noqa: FBT001
    """Steps 3 to 8 over statements taken together: what they come to, in any order.

    It is for a set of statements at hand, such as those of a cell without some of them; `withdrawn` is always 0.
    """
    claims: dict[str, Entry] = {}
    tally = Tally(cell, claims.get, claims.__contains__, host_first=host_first)
    statements = [entry_of_merged(statement, tally.account(*statement[2:5])) for statement in merged]
    for statement in statements:
        claims.update((wording.id, wording) for wording in statement.wordings or (statement,))
    for statement in statements:
        tally.put(statement)
    live = sum(len(statement.ids) for statement in statements)
    return tally.estimate()._replace(live=live)
