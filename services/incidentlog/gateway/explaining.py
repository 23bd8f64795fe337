"""What is behind a number: its claims and what became of each, and how it grew; folded when asked for, off the loop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from incidentlog.gateway.claims import Claims
from incidentlog.gateway.errors import TooBusy
from incidentlog.projections import timeline
from incidentlog.projections.disclosure import Disclosure
from incidentlog.projections.explained import Explained, explained
from incidentlog.projections.precedence import Precedence
from incidentlog.schemas import words
from incidentlog.schemas.cells import Cell, cell_of
from incidentlog.schemas.statements import Statement

T = TypeVar("T")
Line = dict[str, Any]
Row = Mapping[str, Any]
Sets = dict[str, list[Statement]]
#: A timeline by days, and one by moments.
Grown = tuple[list[timeline.Point], list[timeline.Point]]
#: Foldings that may wait for their turn, results kept, and statements folded at once, without a thread.
_WAITING, _KEPT, _FEW = 16, 256, 200


class Explaining:
    """Explains from claims in memory. One folding at a time: they take the same processor as everything else."""

    def __init__(self, claims: Claims, precedence: Precedence) -> None:
        self._claims, self._precedence = claims, precedence
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    async def claims(self, places: Sequence[str], disclosure: Disclosure) -> list[Explained]:
        """The claims of these estimates."""

        def fold(sets: Sets) -> list[Explained]:
            return [each for place in places for each in explained(place, sets[cell_of(place)], self._precedence)]

        return await self._folded(("why",), places, disclosure, fold)

    async def points(self, projection: str, key: str, places: Sequence[str], disclosure: Disclosure) -> Grown:
        """How a row grew, and when that was learned."""

        def fold(sets: Sets) -> Grown:
            filed = [(Cell.parse(cell), statement) for cell, found in sorted(sets.items()) for statement in found]
            arguments = (filed, projection, key, self._precedence)
            return timeline.grown(*arguments), timeline.learned(*arguments)

        return await self._folded(("timeline", projection, key), places, disclosure, fold)

    def lines(self, claims: Iterable[Explained]) -> list[Line]:
        """As `why --json` prints them, and more for whoever shows them."""
        listed = list(claims)
        notes = self._claims.notes(each.treatment.id for each in listed)
        return [_line(each, notes.get(each.treatment.id)) for each in listed]

    async def _folded(
        self, what: tuple[str, ...], places: Sequence[str], disclosure: Disclosure, fold: Callable[[Sets], T]
    ) -> T:
        day = getattr(disclosure, "today", date.min)
        name = (*what, *places, disclosure.view, day, self._claims.version, self._claims.vector)
        if name in self._kept:
            self._kept.move_to_end(name)
            kept: T = self._kept[name]
            return kept
        if self._waiting >= _WAITING:
            raise TooBusy("explanations", _WAITING)
        self._waiting += 1
        try:
            async with self._turn:
                cells = sorted({cell_of(place) for place in places})
                sets = {cell: disclosure.statements(self._claims.of(cell)) for cell in cells}
                few = sum(map(len, sets.values())) <= _FEW
                result = fold(sets) if few else await asyncio.to_thread(fold, sets)
        finally:
            self._waiting -= 1
        self._kept[name] = result
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return result


def _line(claim: Explained, note: str | None) -> Line:
    told = claim.told
    return claim.as_json(note) | {
        "place": claim.place,
        "counted": claim.counted,
        "raising": claim.raising,
        "outside": claim.outside,
        "days": words.days(claim.content.kind, told.get("edtf") or ""),
        "recorded": claim.recorded,
        "embargo_until": told.get("embargo_until"),
    }
