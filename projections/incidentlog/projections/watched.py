"""The fold of a cell that also tells its statements, where roll-ups must know more of it than its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from incidentlog.projections.cell import CellFold
from incidentlog.projections.entry import LIVE, Entry
from incidentlog.projections.nothing import NOTHING
from incidentlog.projections.plain import Packed, pack
from incidentlog.projections.tally import Tally
from incidentlog.projections.telling import Telling
from incidentlog.schemas.statements import Content, Statement


class WatchedFold(CellFold):
    """Statements of a mixed cell are told from the first: each may contain claims of other cells.

    Those of another cell are told once one of them is part of a claim elsewhere, and from then on. Whoever takes a cell over
    does not know what was told of it, and begins anew.
    """

    __slots__ = ("_known", "_subdivisions", "_tellings", "_told", "_told_within")

    def __init__(self, *args: Any, subdivisions: bool, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._subdivisions = subdivisions
        self._known = False
        self._tellings: dict[str, Telling] = NOTHING
        #: The numbers last told of the cell, and of its subdivisions.
        self._told: object = None
        self._told_within: dict[str, object] = NOTHING

    def news(self, scope: str, numbers: object) -> bool:
        """Whether these numbers are others than those last told of a scope; they count as told from now on."""
        if scope:
            before = self._told_within.get(scope)
            self._told_within = self._told_within or {}
            self._told_within[scope] = numbers
        else:
            before, self._told = self._told, numbers
        return before != numbers

    def tell(self, scopes: Iterable[str]) -> dict[str, Telling]:
        """By scope, what is told of the statements; it begins here where it has become necessary in one of these."""
        tellings = self._tellings
        for scope in scopes if self._subdivisions else ("",):
            if scope not in tellings and (self.cell.mixed or self.foreign_parts(scope)):
                claims = self._scopes[scope].clones if scope else self._claims
                tellings = self._tellings = tellings or {}
                tellings[scope] = Telling(self.version, claims)
        for telling in tellings.values():
            telling.settle()
        return tellings

    def take_blocks(self) -> Iterator[tuple[str, int, list[Packed], bytes]]:
        """(scope, number, statements, others) of each block that changed since the last call."""
        for scope, telling in self._tellings.items():
            claims = self._scopes[scope].clones if scope else self._claims
            tally = self._scopes[scope].tally if scope else self._tally
            for number in telling.take():
                yield scope, number, *self._block(map(claims.get, telling.block(number)), tally)

    def _block(self, claims: Iterator[Entry | None], tally: Tally) -> tuple[list[Packed], bytes]:
        statements: list[Packed] = []
        others: list[Entry] = []
        for claim in claims:
            if claim is None or claim.fate != LIVE:
                continue
            statement = tally.statements[claim.key]
            if statement.id == claim.id:
                if self.cell.mixed or statement.part_of:
                    statements.append(statement.merged.pack())
                else:
                    others.append(statement)
        return statements, pack(others)

    def _install_claim(self, statement: Statement, content: Content) -> None:
        super()._install_claim(statement, content)
        if not self._tellings:
            return
        claim = self._claims[statement.id]
        for scope in ("", *self._within(claim)):
            telling = self._tellings.get(scope)
            if telling is None or (scope and claim.id not in self._scopes[scope].clones):
                continue
            (telling.note if self._known else telling.arrive)(claim.id)

    def _add_copy(self, statement: Statement) -> bool:
        self._known = True
        changed = super()._add_copy(statement)
        self._known = False
        return changed

    def _admit(self, entry: Entry) -> None:
        super()._admit(entry)
        if self._tellings:
            self._note(entry, came=True)

    def _dismiss(self, entry: Entry) -> None:
        if self._tellings:
            self._note(entry, came=False)
        super()._dismiss(entry)

    def _note(self, entry: Entry, *, came: bool) -> None:
        """Note what begins with the claim, and with those it is told together with."""
        for scope in ("", *self._within(entry)):
            telling = self._tellings.get(scope)
            if telling is None:
                continue
            tally = self._scopes[scope].tally if scope else self._tally
            statement = tally.statements.get(entry.key)
            if statement is not None and statement.wordings is not None:
                for claim in statement.wordings.entries[:2]:
                    telling.note(claim.id)
            if scope or not came:
                telling.note(entry.id)
