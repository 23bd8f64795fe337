"""Steps 1 and 2 of the fold, from scratch and slowly: what the claims of a cell say, and which are one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from incidentlog.projections.merged import Merged
from incidentlog.schemas.statements import BY_KEY, CLAIM, CORRECTION, GRADING, RETRACTION, Content, Statement

LIVE, RETRACTED, LATER, UNHEARD = "live", "retracted", "later", "unheard"


class Resolved(NamedTuple):
    """One claim after step 1. `fate` is one of the words above; `places` all subdivisions it was ever said to be in."""

    id: str
    ref: str
    content: Content
    fate: str
    places: frozenset[str]
    conflict: bool


def speaking(statements: Iterable[Statement]) -> tuple[dict[str, Statement], dict[str, set[str]]]:
    """For each id the copy that speaks, and the digests that compete for it."""
    by_id: dict[str, list[Statement]] = {}
    for statement in statements:
        by_id.setdefault(statement.id, []).append(statement)
    first = {name: min(copies, key=lambda s: (s.recorded, s.digest)) for name, copies in by_id.items()}
    return first, {name: {s.digest for s in copies} for name, copies in by_id.items()}


def holding(events: list[Statement]) -> set[str]:
    """Ids of the events that hold: no retraction that holds names them. What only a circle could settle does not."""
    namers = {e.id: [r.id for r in events if r.verb == RETRACTION and r.target == e.id] for e in events}
    verdict: dict[str, bool] = {}
    settled = -1
    while settled != len(verdict):
        settled = len(verdict)
        for name, others in namers.items():
            if any(verdict.get(r) for r in others):
                verdict[name] = False
            elif all(verdict.get(r) is False for r in others):
                verdict[name] = True
    return {name for name, holds in verdict.items() if holds}


def resolve(statements: Iterable[Statement], until: int, known: str) -> list[Resolved]:
    """Step 1."""
    everything = list(statements)
    heard = [s for s in everything if not known or s.recorded <= known]
    first, digests = speaking(heard)
    events = [s for s in first.values() if s.verb != CLAIM]
    holds = holding(events)
    claims = []
    for claim in first.values():
        if claim.verb != CLAIM or claim.content is None:
            continue
        said = claim.content
        about = [e for e in events if e.target in (claim.id, BY_KEY + said.statement_key)]
        corrections = [e for e in about if e.verb == CORRECTION and e.content is not None]
        places = {s.content.subdivision for s in heard if s.id == claim.id and s.content is not None}
        places |= {e.content.subdivision for e in corrections if e.content is not None}
        valid = [e for e in corrections if e.id in holds]
        if valid:
            last = max(valid, key=lambda e: (e.content.published if e.content else "", e.id))
            said = last.content or said
        gradings = [e for e in about if e.verb == GRADING and e.id in holds]
        if gradings:
            said = said._replace(grade=max(gradings, key=lambda e: (e.time, e.id)).grade)
        fate = LIVE
        if until and said.end > until:
            fate = LATER
        elif any(e.verb == RETRACTION and e.id in holds for e in about):
            fate = RETRACTED
        claims.append(Resolved(claim.id, claim.ref, said, fate, frozenset(places), len(digests[claim.id]) > 1))
    unheard, _ = speaking(s for s in everything if s.verb == CLAIM and s.id not in first)
    claims += [
        Resolved(s.id, s.ref, s.content, UNHEARD, frozenset(), conflict=False) for s in unheard.values() if s.content
    ]
    return claims


def merge(claims: Iterable[Resolved]) -> list[Merged]:
    """Step 2."""
    by_key: dict[str, list[Resolved]] = {}
    for claim in claims:
        by_key.setdefault(claim.content.statement_key, []).append(claim)
    return [merge_wordings(sorted(wordings)) for wordings in by_key.values()]


def merge_wordings(wordings: list[Resolved]) -> Merged:
    """One statement from its wordings, sorted by id."""
    first = wordings[0].content
    grade = max(w.content.grade for w in wordings)
    strongest = [w.content for w in wordings if w.content.grade == grade]
    low, high = max(c.low for c in strongest), min(c.high for c in strongest)
    conflict = low > high
    if conflict:
        low, high = min(c.low for c in strongest), max(c.high for c in strongest)
    votes = Counter(c.best for c in strongest if c.best is not None)
    best = min(votes, key=lambda b: (-votes[b], b)) if votes else None
    if best is not None:
        best = min(max(best, low), high)
    return Merged(
        ids=tuple(w.id for w in wordings),
        refs=tuple(w.ref for w in wordings),
        authority=first.authority,
        standing=first.standing,
        country=first.country,
        subdivision=first.subdivision,
        kind=first.kind,
        start=first.start,
        end=first.end,
        low=low,
        best=best,
        high=high,
        grade=grade,
        prior_unknown=first.prior_unknown,
        part_of=first.part_of,
        published=first.published,
        conflict=conflict,
    )
