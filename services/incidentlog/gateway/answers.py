"""The one place that makes what is shown: every route, stream, feed, file and page asks here, each with its view."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import orjson

from incidentlog.gateway.choosing import Filter, Page, chosen
from incidentlog.gateway.discretion import today
from incidentlog.gateway.errors import NoNumbers, NotReady, UnknownClaim, UnknownKey, UnknownProjection
from incidentlog.gateway.evidence import events_of, evidence_in
from incidentlog.gateway.showing import Showing, moment
from incidentlog.gateway.views import (
    ActionView,
    ClaimAnswer,
    ClaimView,
    EventView,
    NumberView,
    PointView,
    ProjectionsAnswer,
    ProjectionView,
    RowAnswer,
    RowsAnswer,
    Standing,
    TimelineAnswer,
    View,
    WhyAnswer,
)
from incidentlog.projections.builtin import PROJECTIONS
from incidentlog.projections.explained import places_of, plain_sum
from incidentlog.schemas.cells import OFFICIAL
from incidentlog.schemas.rows import ESTIMATES, OFFICIAL_ACTIONS
from incidentlog.schemas.statements import Statement
from incidentlog.schemas.words import TITLES

if TYPE_CHECKING:
    from incidentlog.gateway.service import Gateway

__all__ = ["Answers", "Filter", "Page"]
Row = dict[str, Any]


class Answers:
    """Answers in one view. Cheap: make one per request.

    UnknownProjection and UnknownKey (errors.py) where there is nothing to show, NotReady until the log was read once; a row
    that the view may not show does not exist in it. `why`, `timeline` and `claim` fold claims, so they are awaited; NoNumbers
    for official actions.
    """

    def __init__(self, gateway: Gateway, view: View) -> None:
        self.gateway, self.view = gateway, view

    def projections(self) -> ProjectionsAnswer:
        """All projections."""
        return ProjectionsAnswer(
            projections=[
                ProjectionView(
                    name=name, title=TITLES[name], rows=len(self.showing(name).keys), standing=self.standing(name)
                )
                for name in self.gateway.mirrors
            ]
        )

    def showing(self, projection: str) -> Showing:
        """The rows of a projection as they are shown and streamed."""
        if projection not in self.gateway.mirrors:
            raise UnknownProjection(projection, self.gateway.mirrors)
        if not self.gateway.complete:
            raise NotReady(projection)
        return self.gateway.showing(projection, self.view)

    def standing(self, projection: str, key: str | None = None) -> Standing:
        """Where a projection stands, or one of its rows."""
        showing, quarantine = self.showing(projection), self.gateway.quarantine.standing
        day, recorded = showing.as_of, showing.recorded
        if key is not None:
            row = self._row(projection, key)
            day, recorded = row.get("as_of") or row.get("end"), showing.mirror.held[key].recorded
        return Standing(
            view=self.view,
            version=showing.mirror.version,
            state=showing.mirror.state,
            position=showing.mirror.position,
            as_of=day,
            as_of_days=None if day is None else (today() - _day(day)).days,
            recorded=moment(recorded) if recorded else None,
            age_seconds=round(max(0.0, time.time() - recorded / 1000), 1) if recorded else None,
            quarantined=quarantine.touching(projection, key),
            quarantined_unplaced=quarantine.vague(projection, key),
        )

    def numbers(self, projection: str, wanted: Filter | None = None, page: Page | None = None) -> RowsAnswer:
        """Rows by key."""
        rows, total, following = chosen(self.showing(projection), wanted or Filter(), page or Page())
        return RowsAnswer(
            projection=projection,
            title=TITLES[projection],
            standing=self.standing(projection),
            total=total,
            next=following,
            rows=[self._view(row) for row in rows],
        )

    def number(self, projection: str, key: str) -> RowAnswer:
        """One row."""
        row = self._view(self._row(projection, key))
        return RowAnswer(projection=projection, standing=self.standing(projection, key), row=row)

    async def why(self, projection: str, key: str) -> WhyAnswer:
        """A number with the claims behind it."""
        row, places = self._behind(projection, key)
        disclosure = self.gateway.discretion.disclosure(self.view)
        claims = await self.gateway.explaining.claims(places, disclosure)
        lines, withheld = disclosure.account(row, self.gateway.explaining.lines(claims))
        shown = {line["id"] for line in lines}
        estimates = self.showing(ESTIMATES)
        found = [orjson.loads(data) for place in places if (data := estimates.data(place)) is not None]
        return WhyAnswer(
            projection=projection,
            standing=self.standing(projection, key),
            claims_position=self.gateway.claims.position,
            row=NumberView.model_validate(self._counted(row)),
            estimates=[NumberView.model_validate(self._counted(each)) for each in found],
            claims=[ClaimView.model_validate(line) for line in lines],
            withheld=withheld,
            plain_sum=plain_sum(each for each in claims if each.treatment.id in shown),
        )

    async def timeline(self, projection: str, key: str) -> TimelineAnswer:
        """How a number grew, and when that was learned."""
        row, places = self._behind(projection, key)
        disclosure = self.gateway.discretion.disclosure(self.view)
        series = await self.gateway.explaining.points(projection, key, places, disclosure)
        grown, learned = ([PointView(**asdict(each)) for each in disclosure.points(row, points)] for points in series)
        return TimelineAnswer(
            projection=projection,
            key=key,
            standing=self.standing(projection, key),
            claims_position=self.gateway.claims.position,
            grown=grown,
            learned=learned,
        )

    async def claim(self, name: str) -> ClaimAnswer:
        """A claim by its id."""
        standing, claims = self.standing(ESTIMATES), self.gateway.claims
        cell = claims.cell_of(name)
        if cell is None or cell.startswith(OFFICIAL + "/"):
            raise UnknownClaim(name)
        disclosure = self.gateway.discretion.disclosure(self.view)
        explained = await self.gateway.explaining.claims([cell], disclosure)
        told = next((each for each in explained if each.treatment.id == name), None)
        if told is None:
            raise UnknownClaim(name)
        line = disclosure.claim(self.gateway.explaining.lines([told])[0], self.gateway.explaining.lines(explained))
        view = ClaimView.model_validate(line)
        if view.coarsened:  # where and when it was written down would tell what was left out
            return ClaimAnswer(standing=standing, claim=view, evidence=[], events=[])
        about = _about(name, told.content.statement_key, disclosure.statements(claims.of(cell)))
        topic = self.gateway.topics.events(self.gateway.registers.measure(cell.split("/")[0]).event_type)
        found = await events_of(self.gateway.broker, topic, cell, {each.id for each in about})
        places = {key: place for key, (place, _) in found.items()}
        evidence = [each for _, event in found.values() for each in evidence_in(event)]
        return ClaimAnswer(
            standing=standing,
            claim=view,
            evidence=evidence,
            events=[_event(each, places.get(each.id)) for each in about],
        )

    def _counted(self, row: Row) -> Row:
        """A row with how many dead letters may touch it: counted when it is read, since no row depends on them."""
        letters = self.gateway.quarantine.standing.touching(row["projection"], row["key"])
        return {**row, "dead_letters": letters}

    def _view(self, row: Row) -> NumberView | ActionView:
        counted, action = self._counted(row), row["projection"] == OFFICIAL_ACTIONS
        return ActionView.model_validate(counted) if action else NumberView.model_validate(counted)

    def _row(self, projection: str, key: str) -> Row:
        showing = self.showing(projection)
        data = showing.data(key)
        if data is None:
            raise UnknownKey(projection, key, showing.keys)
        row: Row = orjson.loads(data)
        return row

    def _behind(self, projection: str, key: str) -> tuple[Row, list[str]]:
        """A row, and the estimates behind it."""
        row = self._row(projection, key)
        if projection == OFFICIAL_ACTIONS:
            raise NoNumbers(projection)
        estimates = self.showing(ESTIMATES)
        return row, places_of(row, estimates.keys, PROJECTIONS[projection].measures)


def _day(text: str) -> date:
    """The day that a day or a month begins with."""
    return date.fromisoformat(f"{text}-01" if len(text) == len("2022-09") else text)


def _about(claim: str, statement_key: str, statements: list[Statement]) -> list[Statement]:
    """A claim and the events about it, and about those, as they were recorded."""
    reached = {claim, f"key:{statement_key}"}
    listed = sorted(statements, key=lambda each: each.recorded)
    while more := {each.id for each in listed if each.target in reached} - reached:
        reached |= more
    return [each for each in listed if each.id in reached]


def _event(statement: Statement, position: str | None) -> EventView:
    told = statement.told or {}
    by = told.get("by") if statement.target else None
    reason = told.get("reason") if statement.target else None
    return EventView(
        id=statement.id, verb=statement.verb, recorded=statement.recorded, position=position,
        reason=reason, by=by if isinstance(by, str) else None,
    )  # fmt: skip
