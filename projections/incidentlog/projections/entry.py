"""An entry: a claim as the fold holds it, and, alone or merged with other wordings, a statement it counts."""

from __future__ import annotations

from collections import Counter
from sys import intern
from typing import TYPE_CHECKING

from incidentlog.projections.merged import Merged
from incidentlog.schemas.statements import FIRM, Content, Statement

if TYPE_CHECKING:
    from incidentlog.projections.high import Account

#: Length of a sha256 in hex.
DIGEST = 64
#: What became of a claim in step 1.
LIVE, RETRACTED, LATER, UNHEARD = range(4)
INCREMENT, CUMULATIVE, STOCK, PLANNED = "increment", "cumulative", "stock", "planned"


class Entry:
    """Fields of the claim first, then what the fold found out about it. One object serves both, since most claims are
    the only wording of their statement, and a cell may hold a hundred thousand. Texts that recur are interned."""

    __slots__ = (
        "account", "best", "circular", "conflict", "counted", "digest", "end", "fate", "grade", "high", "id", "in_best",
        "in_low", "key", "kind", "low", "part_of", "prior_unknown", "published", "recorded", "ref", "revised", "start",
        "subdivision", "wordings",
    )  # fmt: skip

    id: str
    ref: str
    recorded: str
    digest: bytes | str
    key: str
    account: Account
    subdivision: str
    kind: str
    start: int
    end: int
    low: int
    best: int | None
    high: int
    grade: int
    prior_unknown: bool
    part_of: str
    published: str
    fate: int
    wordings: tuple[Entry, ...] | None
    """The claims of a merged statement, by id; None: a claim that stands alone."""
    conflict: bool
    counted: bool
    """It takes part in steps 4 to 8: no live statement contains it."""
    circular: bool
    revised: bool
    in_low: bool
    in_best: bool

    def say(self, content: Content, account: Account) -> None:
        """Take over what a claim says; everything found out about it starts anew."""
        self.key = content.statement_key
        self.account = account
        self.subdivision = content.subdivision
        self.kind = intern(content.kind)
        self.start = content.start
        self.end = content.end
        self.low = content.low
        self.best = content.best
        self.high = content.high
        self.grade = content.grade
        self.prior_unknown = content.prior_unknown
        self.part_of = content.part_of
        self.published = intern(content.published)
        self.wordings = None
        self.conflict = self.counted = self.circular = self.revised = self.in_low = self.in_best = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the claims it stands for."""
        return (self.id,) if self.wordings is None else tuple(w.id for w in self.wordings)

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
        """What it says, as the log has it."""
        authority, standing, country = self.account.key
        return Content(
            self.key, authority, standing, country, self.subdivision, self.kind, self.start, self.end,
            self.low, self.best, self.high, self.grade, self.prior_unknown, self.part_of, self.published,
        )  # fmt: skip

    @property
    def merged(self) -> Merged:
        """As a statement that can travel."""
        refs = (self.ref,) if self.wordings is None else tuple(w.ref for w in self.wordings)
        authority, standing, country = self.account.key
        return Merged(
            self.ids, refs, authority, standing, country, self.subdivision, self.kind, self.start, self.end,
            self.low, self.best, self.high, self.grade, self.prior_unknown, self.part_of, self.published, self.conflict,
        )  # fmt: skip


def packed(digest: str) -> bytes | str:
    """A sha256 in hex, in half the room."""
    return bytes.fromhex(digest) if len(digest) == DIGEST else digest


def unpacked(digest: bytes | str) -> str:
    """What `packed` was given."""
    return digest if isinstance(digest, str) else digest.hex()


def entry_of(statement: Statement, content: Content, account: Account) -> Entry:
    """The entry of a claim just read."""
    entry = Entry()
    entry.id = statement.id
    entry.ref = intern(statement.ref)
    entry.recorded = statement.recorded
    entry.digest = packed(statement.digest)
    entry.fate = LIVE
    entry.say(content, account)
    return entry


def entry_of_merged(merged: Merged, account: Account) -> Entry:
    """The entry of a statement that travelled. It goes by its first claim's id; its wordings only have names."""
    said = Content(merged.ids[0], *merged[2:16])
    entries = []
    for name, ref in zip(merged.ids, merged.refs, strict=True):
        entry = Entry()
        entry.id, entry.ref, entry.recorded, entry.digest, entry.fate = name, ref, "", "", LIVE
        entry.say(said, account)
        entries.append(entry)
    entry = entries[0]
    if len(entries) > 1:
        entry = clone(entry, account)
        entry.subdivision = merged.subdivision
        entry.wordings = tuple(entries)
    entry.conflict = merged.conflict
    return entry


def clone(entry: Entry, account: Account) -> Entry:
    """The same claim for the fold of its subdivision, where it counts as if that were the country."""
    copy = Entry()
    copy.id, copy.ref, copy.recorded, copy.digest, copy.fate = entry.id, entry.ref, "", "", entry.fate
    copy.say(entry.content._replace(subdivision=""), account)
    return copy


def merge(wordings: list[Entry]) -> Entry:
    """Step 2: one statement from its live wordings, sorted by id.

    Its grade is the strongest; its other attributes come from the least id. The wordings of that grade are intersected,
    else hulled; best is the most frequent, ties to the lower, moved into the interval.
    """
    first = wordings[0]
    merged = clone(first, first.account)
    merged.subdivision = first.subdivision
    merged.wordings = tuple(wordings)
    grade = merged.grade = max(w.grade for w in wordings)
    strongest = [w for w in wordings if w.grade == grade]
    low, high = max(w.low for w in strongest), min(w.high for w in strongest)
    if low > high:
        low, high = min(w.low for w in strongest), max(w.high for w in strongest)
        merged.conflict = True
    votes = Counter(w.best for w in strongest if w.best is not None)
    merged.low, merged.high = low, high
    merged.best = min(max(min(votes, key=lambda best: (-votes[best], best)), low), high) if votes else None
    return merged
