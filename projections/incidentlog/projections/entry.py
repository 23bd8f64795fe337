"""An entry: a claim as the fold holds it, and, alone or merged with other wordings, a statement it counts."""

from __future__ import annotations

from collections.abc import Sequence
from sys import intern
from typing import TYPE_CHECKING

from incidentlog.projections.merged import Merged
from incidentlog.schemas.statements import FIRM, OPEN, Content, Statement

if TYPE_CHECKING:
    from incidentlog.projections.high import Account
    from incidentlog.projections.wordings import Wordings

#: Length of a sha256 in hex.
DIGEST = 64
#: What became of a claim in step 1.
LIVE, RETRACTED, LATER, UNHEARD = range(4)
#: Days that claims name, one number each: millions of claims fall on few days.
_DAYS: dict[int, int] = {}
INCREMENT, CUMULATIVE, STOCK, PLANNED = "increment", "cumulative", "stock", "planned"


class Entry:
    """Fields of the claim first, then what the fold found out about it. One object serves both, since most claims are
    the only wording of their statement, and a cell may hold a hundred thousand. Texts that recur are interned."""

    __slots__ = (
        "account", "best", "circular", "conflict", "counted", "digest", "end", "fate", "grade", "high", "id", "in_best",
        "in_low", "key", "kind", "low", "part_of", "prior_unknown", "published", "recorded", "ref", "revised", "size",
        "start", "subdivision", "wordings",
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
    wordings: Wordings | None
    """The claims of a merged statement; None: a claim that stands alone."""
    size: int
    """How many claims it stands for."""
    conflict: bool
    counted: bool
    """It takes part in steps 4 to 8: no live statement contains it."""
    circular: bool
    revised: bool
    in_low: bool
    in_best: bool

    def say(self, content: Content, account: Account) -> None:
        """Take over what a claim says; everything found out about it starts anew."""
        (
            self.key, _, _, _, self.subdivision, kind, start, end,
            low, best, high, self.grade, self.prior_unknown, self.part_of, published,
        ) = content  # fmt: skip
        self.account = account
        self.kind = intern(kind)
        self.start = _DAYS.setdefault(start, start)
        self.end = _DAYS.setdefault(end, end)
        self.low = low
        self.best = low if best == low else best
        self.high = OPEN if high == OPEN else low if high == low else high
        self.published = intern(published)
        self.wordings = None
        self.size = 1
        self.conflict = self.counted = self.circular = self.revised = self.in_low = self.in_best = False

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
        """What it says, as the log has it."""
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


def packed(digest: str) -> bytes | str:
    """A sha256 in hex, in half the room."""
    return bytes.fromhex(digest) if len(digest) == DIGEST else digest


def unpacked(digest: bytes | str) -> str:
    """What `packed` was given."""
    return digest if isinstance(digest, str) else digest.hex()


def entry_of(statement: Statement, content: Content, account: Account) -> Entry:
    """The entry of a claim just read."""
    entry = Entry()
    entry.id, _, entry.recorded, digest, ref, _, _, _, _, _ = statement
    entry.ref = intern(ref)
    entry.digest = packed(digest)
    entry.fate = LIVE
    entry.say(content, account)
    return entry


def clone(entry: Entry, account: Account) -> Entry:
    """The same claim for the fold of its subdivision, where it counts as if that were the country."""
    copy = Entry()
    copy.id, copy.ref, copy.recorded, copy.digest, copy.fate = entry.id, entry.ref, "", "", entry.fate
    copy.key, copy.account, copy.subdivision, copy.kind = entry.key, account, "", entry.kind
    copy.start, copy.end, copy.low, copy.best, copy.high = entry.start, entry.end, entry.low, entry.best, entry.high
    copy.grade, copy.prior_unknown, copy.part_of = entry.grade, entry.prior_unknown, entry.part_of
    copy.published, copy.wordings, copy.size = entry.published, None, 1
    copy.conflict = copy.counted = copy.circular = copy.revised = copy.in_low = copy.in_best = False
    return copy
