"""What is known of one cell in a roll-up: its number, and its statements so far as they were told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incidentlog.projections.merged import Merged
from incidentlog.projections.row_parts import cell_part
from incidentlog.projections.split import Block, Split
from incidentlog.projections.summary import Bounds
from incidentlog.schemas.cells import MIXED
from incidentlog.schemas.contributions import BlockContribution, CellContribution
from incidentlog.schemas.rows import CellPart
from incidentlog.schemas.statements import OPEN

#: A statement by its first claim, and what stands there now.
Change = tuple[str, Merged | None]


class Told:
    """One cell. `apart` is what attributed claims add to its bounds, and what their highs come to, as last added up."""

    __slots__ = ("_part", "apart", "cell", "mixed", "number", "split")

    def __init__(self, cell: str) -> None:
        self.cell = cell
        self.mixed = cell.split("/")[1] in MIXED
        self.number: CellContribution | None = None
        self.split: Split | None = None
        self.apart = (0, 0, 0, 0)
        self._part: CellPart | None = None

    @property
    def bounds(self) -> Bounds:
        """Its number; a best of nothing quantified counts as the low."""
        number = self.number
        if number is None:
            return 0, 0, 0
        low, best, high = number.low, number.best, number.high
        return low, low if best is None else best, OPEN if high is None else high

    @property
    def part(self) -> CellPart | None:
        """What a row says of it."""
        if self._part is None and self.number is not None:
            self._part = cell_part(self.number)
        return self._part

    def renumber(self, number: CellContribution) -> Iterator[Change]:
        """Its number is another one; returns what that changes in what is told."""
        before, self.number, self._part = self.number, number, None
        if self.split is not None and (
            before is None or before.since != number.since or before.blocks != number.blocks
        ):
            yield from self._sift(self.split, number)

    def take(self, told: BlockContribution) -> Iterator[Change]:
        """A block was told; returns what that changes, but nothing if a newer one is known."""
        number, split = self.number, self.split
        if number is not None and _outdated(told, number):
            return
        if split is None:
            split = self.split = Split(self.cell)
        before = split.blocks.get(told.block)
        if before is not None and before.version > told.version:
            return
        split.host_first = told.host_first
        block = Block(told.version, told.since, tuple(map(Merged.unpack, told.statements)), told.others)
        block.counts = number is not None and _counts(block, told.block, number)
        split.told(told.block, block)
        old = before.statements if before is not None and before.counts else ()
        yield from _changes(old, block.statements if block.counts else ())

    def _sift(self, split: Split, number: CellContribution) -> Iterator[Change]:
        """See anew which blocks count."""
        came: list[Block] = []
        for at, block in list(split.blocks.items()):
            if _outdated(block, number):
                split.forget(at)
                if block.counts:
                    yield from _changes(block.statements, ())
            elif not block.counts and _counts(block, at, number):
                block.counts = True
                split.unread(at)
                came.append(block)
        for block in came:
            yield from _changes((), block.statements)


def _counts(block: Block, at: int, number: CellContribution) -> bool:
    return block.since == number.since and at < number.blocks


def _outdated(block: Block | BlockContribution, number: CellContribution) -> bool:
    """Whether it was told before what the number speaks of; otherwise a newer number is on its way."""
    return block.since != number.since and block.since <= number.version


def _changes(before: Sequence[Merged], now: Sequence[Merged]) -> Iterator[Change]:
    old, new = {each.ids[0]: each for each in before}, {each.ids[0]: each for each in now}
    for first in old:
        if first not in new:
            yield first, None
    for first, statement in new.items():
        if old.get(first) != statement:
            yield first, statement
