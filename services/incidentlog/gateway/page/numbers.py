"""What the page of one number shows: its claims by what became of them, who disagrees, what changed since a day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidentlog.gateway.page import phrases
from incidentlog.gateway.page.bars import Bar, Scale, scale
from incidentlog.gateway.views import ClaimAnswer, ClaimView, NumberView, PointView, TimelineAnswer, WhyAnswer
from incidentlog.projections.treatments import SAME_STATEMENT_AS
from incidentlog.schemas.cells import MIXED
from incidentlog.schemas.numbers import Bounded
from incidentlog.schemas.registers import Registers
from incidentlog.schemas.statements import FIRM, GRADES

#: So many claims of each group are on the page; a program may have them all.
MOST = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A claim with what the page needs besides; `anchor` is its ref, made unique where refs repeat."""

    claim: ClaimView
    anchor: str
    bar: Bar
    office: str
    relayed_by: str | None
    more: ClaimAnswer | None
    named: Mapping[str, str]
    """The anchors of the claims it has to do with, by ref."""

    @property
    def pieces(self) -> list[tuple[str, str | None]]:
        """What became of it in pieces: text, and the anchor of the claim that it names."""
        if not self.named:
            return [(self.reason, None)]
        refs = "|".join(re.escape(ref) for ref in sorted(self.named, key=len, reverse=True))
        return [
            (piece, self.named.get(piece)) for piece in re.split(rf"(?<![\w-])({refs})(?![\w-])", self.reason) if piece
        ]

    @property
    def reason(self) -> str:
        """What became of it; of another wording not its numbers once more, which would look like an addition."""
        said = self.claim.reason
        repeated = SAME_STATEMENT_AS in self.claim.treatment and (self.claim.counted or self.claim.raising)
        return f"{said.partition(';')[0]}: the two count once." if repeated else said


@dataclass(frozen=True, slots=True)
class Side:
    """What one authority last said of one estimate."""

    office: str
    claim: ClaimView
    anchor: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since a day: the number by then as known now, and as this log then had it; None: nothing yet."""

    day: str
    happened: PointView | None
    known: PointView | None
    later: Sequence[Told]


@dataclass(frozen=True, slots=True)
class Number:
    """Everything on the page of one number."""

    why: WhyAnswer
    timeline: TimelineAnswer
    row: NumberView
    shown: Bounded
    name: str
    counted: str
    scale: Scale
    bar: Bar
    claims: Sequence[Told]
    """Those that are shown, the newest first; `totals` are how many there are: counting, raising, left out."""
    totals: tuple[int, int, int]
    sides: Sequence[tuple[str, Sequence[Side]]]
    asked: str
    """The day that was asked for, and `as_of` the number by then: None, there was none, or nothing was asked for."""
    as_of: PointView | None
    change: Change | None

    @property
    def counting(self) -> list[Told]:
        """The claims that are part of low or best."""
        return [each for each in self.claims if _group(each.claim) == 0]

    @property
    def raising(self) -> list[Told]:
        """The claims that only raise high."""
        return [each for each in self.claims if _group(each.claim) == 1]

    @property
    def left_out(self) -> list[Told]:
        """The claims that were not added."""
        return [each for each in self.claims if _group(each.claim) == 2]

    @property
    def mixed(self) -> bool:
        """Whether a number of several nationalities together is among others behind it."""
        keys = [each.key.split("/")[1] for each in self.why.estimates]
        return len(keys) > 1 and not MIXED.isdisjoint(keys)

    @property
    def articles(self) -> int:
        """In how many articles the claims were read."""
        return len({claim.source for claim in self.why.claims if claim.source})

    @property
    def sum(self) -> int:
        """What adding everything up would say, 0 where that says the same."""
        total = sum(self.why.plain_sum)
        residual = any(part.residual for part in self.row.contributions or ())
        said = self.row.low if self.row.best is None else self.row.best
        return 0 if residual or total == said else total


def number(
    why: WhyAnswer,
    timeline: TimelineAnswer,
    registers: Registers,
    *,
    as_of: str = "",
    since: str = "",
    more: ClaimAnswer | None = None,
) -> Number:
    """The page of a number; `as_of` and `since` are ISO days, `more` a claim of which everything is told."""
    past = at(timeline.grown, as_of) if as_of else None
    shown: Bounded = past or why.row
    common = scale([shown, why.row, *why.claims])
    newest = sorted(why.claims, key=lambda each: (each.end or "", each.published, each.ref), reverse=True)
    told = _told(_shown(newest, more), common, registers, more)
    sizes = Counter(map(_group, newest))
    return Number(
        why=why, timeline=timeline, row=why.row, shown=shown, name=phrases.name(why.row, registers),
        counted=phrases.counted(why.row, registers), scale=common, bar=common.bar(shown), claims=told,
        totals=(sizes[0], sizes[1], sizes[2]), sides=_sides(newest, told, common, registers), asked=as_of, as_of=past,
        change=_change(timeline, told, since) if since else None,
    )  # fmt: skip


def _group(claim: ClaimView) -> int:
    """0: part of low or best; 1: only raises high; 2: not added."""
    return 0 if claim.counted else 1 if claim.raising else 2


def _shown(newest: Iterable[ClaimView], more: ClaimAnswer | None) -> list[ClaimView]:
    """The newest of each group, and the one asked for."""
    sizes: Counter[int] = Counter()
    found = []
    for claim in newest:
        sizes[_group(claim)] += 1
        if sizes[_group(claim)] <= MOST or (more is not None and more.claim.id == claim.id):
            found.append(claim)
    return found


def at(points: Iterable[PointView], last: str) -> PointView | None:
    """The last point that begins no later than a day; None if all begin later."""
    return next((point for point in reversed(list(points)) if point.at[: len(last)] <= last), None)


def _told(claims: Sequence[ClaimView], common: Scale, registers: Registers, more: ClaimAnswer | None) -> list[Told]:
    anchors = _anchors(claims)
    by_id = {claim.id: (claim.ref, anchor) for claim, anchor in zip(claims, anchors, strict=True)}
    told = []
    for claim, anchor in zip(claims, anchors, strict=True):
        relay = phrases.office(claim.relayed_by, registers) if claim.relayed_by else None
        told.append(
            Told(
                claim=claim, anchor=anchor, bar=common.bar(claim), office=phrases.office(claim.authority, registers),
                relayed_by=relay, more=more if more is not None and more.claim.id == claim.id else None,
                named=dict(by_id[other] for other in claim.by if other in by_id),
            )
        )  # fmt: skip
    return told


def _anchors(claims: Iterable[ClaimView]) -> list[str]:
    """Their refs, numbered where one stands here again: in another article, or told of at another place."""
    seen: Counter[str] = Counter()
    anchors = []
    for claim in claims:
        seen[claim.ref] += 1
        anchors.append(claim.ref if seen[claim.ref] == 1 else f"{claim.ref}.{seen[claim.ref]}")
    return anchors


def _sides(
    newest: Iterable[ClaimView], told: Iterable[Told], common: Scale, registers: Registers
) -> list[tuple[str, list[Side]]]:
    """Of every estimate that several authorities speak of, the newest firm word of each."""
    anchors = {(each.claim.place, each.claim.id): each.anchor for each in told}
    places: dict[str, dict[str, Side]] = {}
    for claim in newest:
        voices = places.setdefault(claim.place, {})
        if claim.grade == GRADES[FIRM] and not claim.outside and claim.authority not in voices:
            anchor = anchors.get((claim.place, claim.id), "")
            voices[claim.authority] = Side(phrases.office(claim.authority, registers), claim, anchor, common.bar(claim))
    return [
        (phrases.cell(place, registers), list(voices.values()))
        for place, voices in sorted(places.items())
        if len(voices) > 1
    ]


def _change(timeline: TimelineAnswer, told: Iterable[Told], since: str) -> Change:
    later = [each for each in told if (each.claim.end or "") > since or each.claim.recorded[:10] > since]
    return Change(since, at(timeline.grown, since), at(timeline.learned, since), later)
