"""A cell's statements, those attributed to a container elsewhere set apart from the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import compress, decompress

from incidentlog.projections.at_once import AtOnce
from incidentlog.projections.bounds import estimate
from incidentlog.projections.counted import Counted
from incidentlog.projections.entry import Entry
from incidentlog.projections.merged import Merged
from incidentlog.projections.plain import again, entry_of_packed, says, unpack
from incidentlog.projections.rank import rank
from incidentlog.projections.summary import Bounds
from incidentlog.projections.tally import Tally
from incidentlog.projections.wordings import entry_of_merged
from incidentlog.schemas.cells import Cell

#: Up to so many statements, a number is always worked out anew; beyond, so often at most before it is kept up to date, and
#: at most twice once so many statements have been gone through.
FEW, OFTEN, ENOUGH = 64, 12, 50_000
_FAST = 1


class Uncounted(Counted):
    """Nobody asks for the claims behind this number."""

    __slots__ = ()

    def low(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Not kept."""

    def best(self, gone: Iterable[Entry], came: Iterable[Entry]) -> None:
        """Not kept."""


class Rest(Tally):
    """The fold of statements that come and go as a whole, each by its first claim.

    `unsure`: while records of one cell come in any order, a claim may stand in two statements for a moment, and what
    contains what is not known for certain.
    """

    __slots__ = ("_others", "unsure")

    def __init__(self, cell: Cell, *, host_first: bool) -> None:
        super().__init__(cell, self._find, self._known, host_first=host_first)
        self.counted = Uncounted()
        self.unsure = False
        #: Statements by those of their claims that are not the first.
        self._others: dict[str, Entry] = {}

    def enter(self, statement: Entry) -> None:
        """A statement counts."""
        if statement.id in self.statements or statement.id in self._others:
            self.unsure = True
            return
        if statement.wordings is not None:
            for claim in statement.ids[1:]:
                self.unsure |= claim in self.statements
                if self._others.setdefault(claim, statement) is not statement:
                    self.unsure = True
        self.put(statement)

    def leave(self, statement: Entry) -> None:
        """A statement counts no more, if it did."""
        if self.statements.get(statement.id) is not statement:
            return
        around = self.parts.open(statement, statement.id)
        self._leave(statement)
        if statement.wordings is not None:
            for claim in statement.ids[1:]:
                self._others.pop(claim, None)
        self._review([other for other in around if other is not statement])
        self._review(self.parts.parts(statement.ids))

    @property
    def bounds(self) -> Bounds:
        """(low, best, high); a best of nothing quantified is the low."""
        found = estimate(self)
        return found.low, found.low if found.best is None else found.best, found.high

    def _find(self, claim: str) -> Entry | None:
        return self.statements.get(claim) or self._others.get(claim)

    def _known(self, _claim: str) -> bool:
        return True


class Block:
    """What was last told of a few of a cell's claims. `counts`: it is not out of date.

    `others` is as it was told, until it is read: then it is None, and `read` are the entries made of it, in the present rest.
    """

    __slots__ = ("_others", "counts", "read", "since", "statements", "version")

    def __init__(self, version: int, since: int, statements: Sequence[Merged], others: bytes) -> None:
        self.version, self.since = version, since
        self.statements = statements
        # Most are never read, and there may be as many of these as claims: half their bytes are worth 20 µs.
        self._others: bytes | None = compress(others, _FAST) if others else b""
        self.read: list[Entry] | None = None
        self.counts = False

    @property
    def others(self) -> bytes | None:
        """What it says besides `statements`, as JSON; None once it is read."""
        return self._others and decompress(self._others)

    def was_read(self, entries: list[Entry]) -> None:
        """These are what `others` says."""
        self.read, self._others = entries, None


class Split:
    """The statements of a cell, those attributed set apart. `high` is the sum of their highs.

    What is not attributed is only folded where something else is.
    """

    __slots__ = (
        "_attributed", "_cell", "_entering", "_entries", "_rest", "_spent", "_unread", "blocks", "high", "host_first",
    )  # fmt: skip

    def __init__(self, cell: str) -> None:
        self._cell = cell
        self.host_first = False
        self.blocks: dict[int, Block] = {}
        self._attributed: dict[str, int] = {}
        # The fold of the rest, the entries in it that may be attributed, and blocks whose other statements it lacks.
        self._rest: Rest | None = None
        self._entries: dict[str, Entry] = {}
        self._entering: dict[str, Merged] = {}
        self._unread: dict[int, None] = {}  # an empty set is three times as large
        self._spent = 0
        self.high = 0

    def replace(self, first: str, statement: Merged | None, *, attributed: bool) -> None:
        """The statement that begins with claim `first` is this one now, or gone."""
        self.high -= self._attributed.pop(first, 0)
        if self._rest is not None:
            if first in self._entries:
                self._rest.leave(self._entries.pop(first))
            self._entering.pop(first, None)
            if statement is not None and not attributed:
                self._entering[first] = statement
        if statement is not None and attributed:
            self._attributed[first] = statement.high
            self.high += statement.high

    def told(self, number: int, block: Block) -> None:
        """A block was told, in place of the one with that number if there was one."""
        before = self.blocks.get(number)
        if before is not None:
            block.read = before.read
        self.blocks[number] = block
        self.unread(number)

    def unread(self, number: int) -> None:
        """The other statements of a block are not those that were read."""
        if self._rest is not None:
            self._unread[number] = None

    def forget(self, number: int) -> None:
        """A block counts no more, and never will."""
        block = self.blocks.pop(number)
        self._unread.pop(number, None)
        if self._rest is not None:
            for entry in block.read or ():
                self._rest.leave(entry)

    @property
    def rest(self) -> Bounds | None:
        """The cell's number without attributed claims; None where none are, and it is the cell's own."""
        if not self._attributed:
            return None
        if self._rest is None:
            found = self._at_once()
            if found is not None:
                return found
        rest = self._rest
        if rest is not None and not rest.unsure:
            self._renew(rest)
        if rest is None or rest.unsure:
            rest = self._begin()
        return rest.bounds

    def _at_once(self) -> Bounds | None:
        """The same, worked out anew; None where it must be kept up to date, or soon comes cheaper so."""
        cell, blocks = Cell.parse(self._cell), self._counting()
        loose = [s for block in blocks for s in block.statements if s.ids[0] not in self._attributed]
        named = {each.part_of for each in loose if each.part_of}
        found = AtOnce(lambda key: rank(cell, key[1], key[2], host_first=self.host_first), named)
        for block in blocks:
            if others := block.others:
                found.read(others)
        if not found.add(loose):
            return None
        self._spent += found.size
        size = found.size
        anew = size < FEW or self._spent < min(OFTEN * size, max(2 * size, ENOUGH))
        return found.bounds if anew else None

    def _counting(self) -> list[Block]:
        return [block for block in self.blocks.values() if block.counts]

    def _begin(self) -> Rest:
        """Fold everything anew, to be kept up to date from here on."""
        rest = self._rest = Rest(Cell.parse(self._cell), host_first=self.host_first)
        self._entries.clear()
        self._entering.clear()
        self._unread.clear()
        entries: list[Entry] = []
        for block in self._counting():
            for statement in block.statements:
                if statement.ids[0] not in self._attributed:
                    entry = self._entries[statement.ids[0]] = entry_of_merged(statement, rest.account(statement[2:5]))
                    entries.append(entry)
            if (others := block.others) is not None:
                read = [entry_of_packed(row, account) for row, account in unpack(others, rest)]
            else:
                read = [again(entry, rest) for entry in block.read or ()]
            block.was_read(read)
            entries += read
        for entry in entries:
            rest.enter(entry)
        return rest

    def _renew(self, rest: Rest) -> None:
        """Bring the fold up to what is told now. All that goes goes first: a claim may have moved from block to block."""
        came: list[Entry] = []
        for number in self._unread:
            block = self.blocks[number]
            if block.counts and (others := block.others) is not None:
                came += _read(rest, block, others)
        for first, statement in self._entering.items():
            entry = self._entries[first] = entry_of_merged(statement, rest.account(statement[2:5]))
            came.append(entry)
        for entry in came:
            rest.enter(entry)
        self._entering.clear()
        self._unread.clear()


def _read(rest: Rest, block: Block, others: bytes) -> list[Entry]:
    """Read what a block says now: what it said before and says no more leaves the fold; returns what has to enter it."""
    before = {entry.id: entry for entry in block.read or ()}
    now: list[Entry] = []
    came: list[Entry] = []
    for row, account in unpack(others, rest):
        entry = before.get(row[0])
        if entry is not None and says(entry, row, account):
            del before[entry.id]
        else:
            entry = entry_of_packed(row, account)
            came.append(entry)
        now.append(entry)
    for entry in before.values():
        rest.leave(entry)
    block.was_read(now)
    return came
