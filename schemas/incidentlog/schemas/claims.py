"""Counted claims: an authority, on a day, asserted a number over a window, a place and a population."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from incidentlog.schemas.cells import Cell
from incidentlog.schemas.context import check_office, registers_of
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.values import (
    Authority,
    Closed,
    Day,
    EventId,
    Evidence,
    Flag,
    Kind,
    Office,
    Place,
    Population,
    Published,
    Quantity,
    Ref,
    StatementKey,
    Window,
)  # fmt: skip

Grade = Literal["firm", "probable", "possible"]


class CountedClaim(Closed):
    """What every counted claim says. Its event type decides which measures it may carry."""

    ref: Ref
    measure: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=40)]
    counting_unit: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=20)]
    authority: Authority
    relayed_by: Office | None = None
    occasion: Day
    statement_key: StatementKey
    population: Population
    place: Place
    quantity: Quantity
    kind: Kind
    window: Window
    grade: Grade = "firm"
    prior_unknown: Flag = False
    part_of: EventId | None = None
    twin_of: EventId | None = None
    related: Annotated[tuple[EventId, ...], Field(max_length=16)] = ()
    replaces: EventId | None = None
    published: Published
    embargo_until: Day | None = None
    evidence: Evidence

    @property
    def cell(self) -> Cell:
        """What this claim is counted in."""
        return Cell(self.measure, self.population.nationality, self.place.country)

    @model_validator(mode="after")
    def _agrees_with_registers(self, info: ValidationInfo) -> Self:
        registers = registers_of(info.context)
        if registers is None:
            return self
        check_office(registers, self.authority, self.relayed_by)
        measure = registers.measure(self.measure)
        if measure.event_type != type(self).__name__:
            raise InvalidValue("measure", f"{self.measure} belongs to {measure.event_type}, not {type(self).__name__}")
        if measure.unit != self.counting_unit:
            raise InvalidValue(
                "counting_unit", f"{self.measure} is counted in {measure.unit}, not {self.counting_unit}"
            )
        if self.kind not in measure.kinds:
            raise InvalidValue("kind", f"{self.measure} may be {' or '.join(measure.kinds)}, not {self.kind}")
        return self

    @model_validator(mode="after")
    def _window_fits_kind(self) -> Self:
        if self.kind in ("increment", "planned") and self.window.start is None:
            raise InvalidValue("window", f"an {self.kind} needs its first day; without one it is a cumulative")
        if self.kind == "stock" and self.window.start != self.window.end:
            raise InvalidValue("window", "a stock holds on one day: its start is its end")
        return self


class RescueReported(CountedClaim):
    """People were brought out."""


class RepatriationReported(CountedClaim):
    """People were brought home by a state."""


class EscapeReported(CountedClaim):
    """People got away by themselves, or tried to."""


class RecaptureReported(CountedClaim):
    """People who had fled were caught again."""


class ReturnReported(CountedClaim):
    """People went back to their home towns."""


class VictimsFound(CountedClaim):
    """Victims were found; found is not yet rescued."""


class RescueRequested(CountedClaim):
    """Requests for rescue came in, for so many persons or cases."""


class ComplaintsReported(CountedClaim):
    """Complaints and reports came in."""


class InvestigationReported(CountedClaim):
    """Cases were investigated."""


class ArrestMade(CountedClaim):
    """People were arrested."""


class RaidConducted(CountedClaim):
    """Sites were raided or shut."""


class GroupDismantled(CountedClaim):
    """Rings were broken up."""


class AssistanceProvided(CountedClaim):
    """People were helped or sheltered."""


class HandoverReported(CountedClaim):
    """People were handed over to another authority."""


class ScreeningReported(CountedClaim):
    """People were examined or interviewed."""


class RepatriationPlanned(CountedClaim):
    """People are to be brought home; a plan, never counted with what happened."""


class MissingReported(CountedClaim):
    """People are missing on a day: a stock."""


CLAIM_TYPES: dict[str, type[CountedClaim]] = {
    model.__name__: model
    for model in (
        RescueReported, RepatriationReported, EscapeReported, RecaptureReported, ReturnReported, VictimsFound,
        RescueRequested, ComplaintsReported, InvestigationReported, ArrestMade, RaidConducted, GroupDismantled,
        AssistanceProvided, HandoverReported, ScreeningReported, RepatriationPlanned, MissingReported,
    )
}  # fmt: skip
