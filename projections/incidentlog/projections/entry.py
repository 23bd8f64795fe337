"""An entry: a claim as the fold holds it, and, alone or merged with other wordings, a statement it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from incidentlog.projections.bits import Bits
from incidentlog.projections.brief import brief
from incidentlog.projections.merged import Merged
from incidentlog.projections.stamp import Stamp, ref_of, stamp, unstamped
from incidentlog.schemas.statements import CLAIM, FIRM, Content, Statement

if TYPE_CHECKING:
    from incidentlog.projections.high import Account
    from incidentlog.projections.wordings import Wordings

#: What became of a claim in step 1.
LIVE, RETRACTED, LATER, UNHEARD = range(4)
#: Where a statement is counted.
IN_LOW, IN_BEST = 1, 2
INCREMENT, CUMULATIVE, STOCK, PLANNED = KINDS = ("increment", "cumulative", "stock", "planned")
#: A kind's number, which is the state of a live claim that nothing is found out about.
NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


class Entry:
    """Fields of the claim first, then what the fold found out about it. One object serves both, since most claims are
    the only wording of their statement, and a cell may hold a hundred thousand.

    What few have (a province, a container, a grade less than firm) only a `FullEntry` can; of the others it is the class that says so. A claim
    that says what all wordings of its statement come to, and is the first of them, is the entry of the statement as well.
    """

    __slots__ = (
        "account", "best", "end", "high", "id", "key", "low", "published", "stamp", "start", "state", "wordings"
    )  # fmt: skip

    id: str
    stamp: Stamp
    key: str
    account: Account
    start: int
    end: int
    low: int
    best: int | None
    high: int
    published: str
    state: int
    """All that is packed below, in one byte: Python keeps these numbers, so that none takes memory of its own."""
    kind = Bits(0, KINDS)
    fate = Bits(2, (LIVE, RETRACTED, LATER, UNHEARD))
    role = Bits(4, (0, IN_LOW, IN_BEST, IN_LOW | IN_BEST))
    """0: it is counted in neither."""
    counted = Bits(6, (False, True))
    """It takes part in steps 4 to 8: no live statement contains it."""
    revised = Bits(7, (False, True))
    wordings: Wordings | None
    """The claims of a statement; None: a claim that stands alone, or for which another entry stands."""
    grade: int = FIRM
    subdivision: str = ""
    part_of: str = ""
    prior_unknown: bool = False
    conflict: bool = False
    """No number satisfies all its wordings."""
    circular: bool = False

    @property
    def ref(self) -> str:
        """The name that its article has for it."""
        return ref_of(self.stamp)

    @property
    def recorded(self) -> str:
        """When it was first appended."""
        return unstamped(self.stamp)[1]

    @property
    def digest(self) -> str:
        """Of its content as it was appended."""
        return unstamped(self.stamp)[0]

    @property
    def size(self) -> int:
        """How many claims it stands for, as last counted."""
        return 1 if self.wordings is None else self.wordings.size

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the claims it stands for."""
        return tuple([claim.id for claim in self.claims])

    @property
    def claims(self) -> Sequence[Entry]:
        """The claims it stands for, by id."""
        return (self,) if self.wordings is None else self.wordings.entries

    def says(self, claim: str) -> bool:
        """Whether a claim is one of its own."""
        return claim == self.id if self.wordings is None else claim in self.wordings

    @property
    def value(self) -> int:
        """Its best, else its low."""
        best = self.best
        return self.low if best is None else best

    @property
    def quantified(self) -> bool:
        """Whether it can be counted in low or best."""
        return self.grade == FIRM and (self.best is not None or self.low > 0)

    @property
    def content(self) -> Content:
        """What it says, as the log has it, but for its key in brief."""
        authority, standing, country = self.account.key
        return Content(
            self.key, authority, standing, country, self.subdivision, self.kind, self.start, self.end,
            self.low, self.best, self.high, self.grade, self.prior_unknown, self.part_of, self.published,
        )  # fmt: skip

    @property
    def merged(self) -> Merged:
        """As a statement that can travel."""
        refs = tuple([claim.ref for claim in self.claims])
        authority, standing, country = self.account.key
        return Merged(
            self.ids, refs, authority, standing, country, self.subdivision, self.kind, self.start, self.end,
            self.low, self.best, self.high, self.grade, self.prior_unknown, self.part_of, self.published, self.conflict,
        )  # fmt: skip


class FullEntry(Entry):
    """An entry that may have everything."""

    __slots__ = ("circular", "conflict", "grade", "part_of", "prior_unknown", "subdivision")


class MergedEntry(FullEntry):
    """What several wordings come to, where the first of them says something else."""

    __slots__ = ()


def entry_of(statement: Statement, content: Content, account: Account) -> Entry:
    """The entry of a claim just read."""
    name, _, recorded, digest, ref, _, _, _, _, _ = statement
    key, _, _, _, place, kind, start, end, low, best, high, grade, further, container, published = content
    entry = _full(place, container, further, grade) if place or container or further or grade != FIRM else Entry()
    entry.id, entry.stamp = name, stamp(digest, recorded, ref)
    entry.key, entry.account, entry.start, entry.end = brief(key), account, start, end
    entry.state = NUMBERS[kind]
    entry.low, entry.published = low, published
    # One object where the numbers are the same: most counts are exact.
    entry.best = low if best == low else best
    entry.high = low if high == low else high
    entry.wordings = None
    return entry


def _full(subdivision: str, part_of: str, prior_unknown: bool, grade: int) -> FullEntry:  # noqa: FBT001
    entry = FullEntry()
    entry.subdivision, entry.part_of, entry.prior_unknown, entry.grade = subdivision, part_of, prior_unknown, grade
    entry.conflict = entry.circular = False
    return entry


def named(name: str, ref: str, content: Content, account: Account) -> Entry:
    """The entry of a claim of which no more is known than its name and what it says."""
    return entry_of(Statement(name, CLAIM, "", "", ref, "", "", 0, content, None), content, account)


def clone(entry: Entry, account: Account) -> FullEntry:
    """The same claim for the fold of its subdivision, where it counts as if that were the country."""
    copy = _full("", entry.part_of, entry.prior_unknown, entry.grade)
    _copy(entry, account, copy)
    return copy


def like(first: Entry) -> MergedEntry:
    """An entry that says what the first of several wordings does, for now."""
    merged = MergedEntry()
    merged.subdivision, merged.part_of, merged.prior_unknown = first.subdivision, first.part_of, first.prior_unknown
    merged.grade, merged.conflict, merged.circular = first.grade, False, False
    _copy(first, first.account, merged)
    return merged


def _copy(entry: Entry, account: Account, copy: Entry) -> None:
    copy.id, copy.stamp = entry.id, entry.stamp
    copy.key, copy.account, copy.start, copy.end = entry.key, account, entry.start, entry.end
    copy.low, copy.best, copy.high = entry.low, entry.best, entry.high
    copy.published, copy.wordings = entry.published, None
    copy.state = NUMBERS[entry.kind]
    copy.fate = entry.fate
