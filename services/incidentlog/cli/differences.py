"""What two versions say differently of one projection, and which claims they treat differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from incidentlog.client import History, Subscriber
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.explained import Explained, explained, places_of
from incidentlog.projections.precedence import Precedence
from incidentlog.replay import Versions
from incidentlog.schemas.cells import cell_of
from incidentlog.schemas.rows import ESTIMATES
from incidentlog.schemas.topics import Topics
from incidentlog.schemas.versions import NO_LIMITS, Kept

Rows = Mapping[str, dict[str, Any]]
#: Grows with every transaction that changes a cell: how events were grouped is no difference.
_GROUPING = "version"


@dataclass(frozen=True, slots=True)
class Side:
    """One version's rows of a projection and its estimates; `kept` tells within which limits it folds."""

    name: str
    kept: Kept
    rows: Rows
    estimates: Rows


@dataclass(frozen=True, slots=True)
class ClaimDifference:
    """A claim that two versions treat differently; a reason is empty where the claim is not known."""

    ref: str
    place: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A key whose rows differ, None where one version has none; `claims` are why."""

    key: str
    left: dict[str, Any] | None
    right: dict[str, Any] | None
    claims: list[ClaimDifference]


async def differences(
    bootstrap: str, topics: Topics, projection: str, names: tuple[str, str], precedence: Precedence
) -> list[RowDifference]:
    """Every key that one of two versions says otherwise than the other, sorted."""
    kept = {each.name: each.kept or NO_LIMITS for each in await Versions(bootstrap, topics).all(*names)}
    left, right = [await _side(bootstrap, topics, projection, name, kept[name]) for name in names]
    keys = [key for key in sorted(left.rows.keys() | right.rows.keys()) if not _same(left, right, key)]
    if projection not in PROJECTIONS or (not PROJECTIONS[projection].measures and projection != ESTIMATES):
        return [RowDifference(key, left.rows.get(key), right.rows.get(key), []) for key in keys]
    places = {key: sorted({*_places(left, projection, key), *_places(right, projection, key)}) for key in keys}
    one, other = [await _reasons(bootstrap, topics, side, _all(places), precedence) for side in (left, right)]
    return [
        RowDifference(key, left.rows.get(key), right.rows.get(key), list(_claims(one, other, places[key])))
        for key in keys
    ]


async def _side(bootstrap: str, topics: Topics, projection: str, name: str, kept: Kept) -> Side:
    tables = []
    for wanted in (projection, ESTIMATES):
        async with Subscriber(bootstrap, wanted, topics=topics, version=name) as subscriber:
            tables.append(await subscriber.snapshot())
    return Side(name, kept, *tables)


def _same(left: Side, right: Side, key: str) -> bool:
    one, other = left.rows.get(key), right.rows.get(key)
    if one is None or other is None:
        return one is other
    return {**one, _GROUPING: 0} == {**other, _GROUPING: 0}


def _places(side: Side, projection: str, key: str) -> list[str]:
    row = side.rows.get(key)
    return [] if row is None else places_of(row, side.estimates, PROJECTIONS[projection].measures)


def _all(places: Mapping[str, Iterable[str]]) -> set[str]:
    return {place for each in places.values() for place in each}


async def _reasons(
    bootstrap: str, topics: Topics, side: Side, places: set[str], precedence: Precedence
) -> dict[tuple[str, str], Explained]:
    """What became of each claim, by place and id."""
    async with History(bootstrap, topics=topics, version=side.name) as history:
        sets = await history.statements_of({cell_of(place) for place in places})
    return {
        (place, each.treatment.id): each
        for place in places
        for each in explained(place, sets[cell_of(place)], precedence, until=side.kept.until, known=side.kept.known_at)
    }


def _claims(
    left: Mapping[tuple[str, str], Explained], right: Mapping[tuple[str, str], Explained], places: Iterable[str]
) -> Iterator[ClaimDifference]:
    wanted = set(places)
    for place, claim in sorted(key for key in left.keys() | right.keys() if key[0] in wanted):
        one, other = left.get((place, claim)), right.get((place, claim))
        if one is None or other is None or one.treatment != other.treatment or one.content != other.content:
            ref = next(each.treatment.ref for each in (one, other) if each is not None)
            yield ClaimDifference(ref, place, _reason(one), _reason(other))


def _reason(claim: Explained | None) -> str:
    return "" if claim is None else claim.treatment.reason
