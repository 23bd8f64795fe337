"""The fold of one cell: the numbers that follow from its set of events, for the cell and for each subdivision in it."""

from __future__ import annotations

from collections.abc import Iterable

from incidentlog.projections import flags
from incidentlog.projections.claim_set import ClaimSet
from incidentlog.projections.entry import LATER, LIVE, RETRACTED, UNHEARD, Entry, clone
from incidentlog.projections.estimate import Estimate, Treatment
from incidentlog.projections.high import Account
from incidentlog.projections.lineage import Lineage
from incidentlog.projections.merged import Merged
from incidentlog.projections.nothing import NOTHING
from incidentlog.projections.scope import Scope
from incidentlog.projections.tally import Tally
from incidentlog.projections.treatments import OUTSIDE, listed, reason, shown
from incidentlog.projections.wordings import entry_of_merged
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.statements import CORRECTION, RETRACTION, Content


class CellFold(ClaimSet):
    """Statements in, estimates out; the limits are those of the set."""

    __slots__ = ("_present", "_scopes", "_tally", "_touched", "cell", "host_first")

    def __init__(self, cell: Cell, *, host_first: bool, until: int = 0, known: str = "") -> None:
        super().__init__(until=until, known=known)
        self.cell, self.host_first = cell, host_first
        self._present = 0
        self._tally = Tally(cell, self._live, self._claims.__contains__, host_first=host_first)
        self._scopes: dict[str, Scope] = NOTHING
        self._touched: dict[str, None] = NOTHING

    def _account(self, content: Content) -> Account:
        tally = self._tally
        return tally.accounts.get(content[1:4]) or tally.account(content[1:4])

    def _meet(self, name: str) -> None:
        if self._tally.parts.named is not NOTHING:
            self._tally.parts.meet(name)
        if self._scopes is not NOTHING:
            for scope in self._scopes.values():
                scope.tally.parts.meet(name)

    def _admit(self, entry: Entry) -> None:
        """Count a claim where its standing lets it."""
        if entry.fate > RETRACTED:
            return
        self._present += 1
        if entry.fate == LIVE:
            self._tally.put(entry)
        if entry.subdivision or self._places:
            self._admit_within(entry)

    def _admit_within(self, entry: Entry) -> None:
        """Count a claim in the subdivisions it was ever said to be in."""
        for place in self._within(entry):
            scope = self._scopes.get(place)
            if scope is None:
                scope = Scope(self.cell, self._claims, host_first=self.host_first)
                self._scopes = self._scopes or {}
                self._scopes[place] = scope
            scope.present += 1
            self._touch(place)
            if entry.fate == LIVE and entry.subdivision == place:
                copy = clone(entry, scope.tally.account(entry.account.key))
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
            self._touch(place)
            if fate == LIVE and entry.subdivision == place:
                scope.tally.drop(scope.clones.pop(entry.id))

    def _touch(self, place: str) -> None:
        self._touched = self._touched or {}
        self._touched[place] = None

    def _live(self, name: str) -> Entry | None:
        claim = self._claims.get(name)
        return claim if claim is not None and claim.fate == LIVE else None

    @property
    def live(self) -> int:
        """How many claims count."""
        return self._tally.live

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
        found = tally.estimate()
        if present == found.live and not self._copies:
            return found
        raised = list(found.flags)
        if not found.live:
            raised.append(flags.WITHDRAWN)
        if self._contested(scope):
            raised.append(flags.ID_CONFLICT)
        return found._replace(flags=tuple(sorted(raised)), withdrawn=present - found.live)

    def _contested(self, scope: str) -> bool:
        """Whether an id has several contents, of a claim in this scope or of an event about claims."""
        for name, copies in self._copies.items():
            if sum(self._events.heard(copy.recorded) for copy in copies.values()) > 1:
                claim = self._claims.get(name)
                if claim is None or (claim.fate <= RETRACTED and (not scope or scope in self._within(claim))):
                    return True
        return False

    def lineage(self, scope: str = "") -> list[Treatment]:
        """What became of every claim of the scope, by the end of their windows, then id. Computed when asked."""
        place = self._scopes.get(scope)  # none where no claim of it was heard of yet
        found = [] if scope else list(Lineage(self._tally))
        if place is not None:
            found = list(Lineage(place.tally))
        clones = {} if place is None else place.clones
        for claim in self._claims.values():
            if scope and (claim.id in clones or scope not in {claim.subdivision, *self._within(claim)}):
                continue
            if scope or claim.fate != LIVE:
                found.append((claim.end, self._outside(claim)))
        return [treatment for _, treatment in sorted(found, key=lambda each: (each[0], each[1].id))]

    def _outside(self, claim: Entry) -> Treatment:
        """Why a claim is not counted at all."""
        key = (self._originals.get(claim.id) or claim.content).statement_key
        said = sorted(event for event in self._events.of(claim.id, key) if self._events.holds(event.id))
        by = [event for event in said if event.verb == RETRACTION] if claim.fate == RETRACTED else []
        if claim.fate == UNHEARD:
            text = f"was recorded at {claim.recorded}, after {self.known}"
        elif claim.fate == LATER:
            text = f"its window ends on {shown(claim.end)}, after {shown(self.until)}"
        elif by:
            text = f"was retracted by {listed([event.ref or event.id for event in by])}"
        else:
            by = [event for event in said if event.verb == CORRECTION]
            text = "was corrected to another place"
        return Treatment(claim.id, claim.ref, (OUTSIDE,), tuple(event.id for event in by), reason([text]))

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
        if self._copies:  # a contested id flags every number of the cell
            self._touched = NOTHING
            return self.scopes
        if not self._touched:
            return [""] if self._present else []
        touched, self._touched = self._touched, NOTHING
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
    statements = [entry_of_merged(statement, tally.account(statement[2:5])) for statement in merged]
    for statement in statements:
        claims.update((wording.id, wording) for wording in statement.claims)
    for statement in statements:
        tally.put(statement)
    return tally.estimate()
