"""Official actions: what officials did or said. Kept for their own timeline; nothing is counted from them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, model_validator

from incidentlog.schemas.cells import OFFICIAL, Cell
from incidentlog.schemas.context import check_office, registers_of
from incidentlog.schemas.values import (
    Authority,
    Closed,
    Count,
    Country,
    Day,
    EventId,
    Evidence,
    Nationality,
    Office,
    Place,
    Published,
    Qualifier,
    Ref,
    Window,
)  # fmt: skip


class ActionQuantity(Closed):
    """How many groups, lines or meetings the source speaks of: a remark with a unit of its own, never counted."""

    low: Count
    best: Count | None
    high: Count | None
    qualifier: Qualifier
    counting_unit: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=20)]
    stated: Annotated[str, Field(max_length=40)] | None = None


class OfficialAction(Closed):
    """What every official action says; `places` may be empty."""

    ref: Ref
    authority: Authority
    relayed_by: Office | None = None
    occasion: Day
    nationality: Nationality | None = None
    places: Annotated[tuple[Place, ...], Field(max_length=16)] = ()
    quantity: ActionQuantity | None = None
    addressee: Country | None = None
    deadline: Day | None = None
    window: Window
    twin_of: EventId | None = None
    related: Annotated[tuple[EventId, ...], Field(max_length=16)] = ()
    replaces: EventId | None = None
    published: Published
    embargo_until: Day | None = None
    evidence: Evidence

    @property
    def cell(self) -> Cell:
        """The shelf this action stands on: its first place's country."""
        return Cell(OFFICIAL, "XXX", self.places[0].country if self.places else "XXX")

    @model_validator(mode="after")
    def _agrees_with_registers(self, info: ValidationInfo) -> Self:
        registers = registers_of(info.context)
        if registers is not None:
            check_office(registers, self.authority, self.relayed_by)
        return self


class TaskForceEstablished(OfficialAction):
    """A task force or working group was set up."""


class HotlineOpened(OfficialAction):
    """A hotline was opened."""


class AdvisoryIssued(OfficialAction):
    """The public was warned or informed."""


class MeetingHeld(OfficialAction):
    """Officials met."""


class BriefingHeld(OfficialAction):
    """Officials briefed the press."""


class RequestMade(OfficialAction):
    """One office asked another, or the public, for something."""


class OrderIssued(OfficialAction):
    """An order bound others to act."""


class RequirementImposed(OfficialAction):
    """A standing duty was laid on others."""


class DirectiveIssued(OfficialAction):
    """An office directed its own services."""


class RecommendationIssued(OfficialAction):
    """An office advised others to act."""


class CommitmentMade(OfficialAction):
    """An office promised to act."""


class CooperationReported(OfficialAction):
    """Offices worked together."""


class VerificationStarted(OfficialAction):
    """Identities or facts are being checked."""


class ContextStated(OfficialAction):
    """Background that explains numbers without being one."""


class UnknownStated(OfficialAction):
    """An office said that a number is not known."""


ACTION_TYPES: dict[str, type[OfficialAction]] = {
    model.__name__: model
    for model in (
        TaskForceEstablished, HotlineOpened, AdvisoryIssued, MeetingHeld, BriefingHeld, RequestMade, OrderIssued,
        RequirementImposed, DirectiveIssued, RecommendationIssued, CommitmentMade, CooperationReported,
        VerificationStarted, ContextStated, UnknownStated,
    )
}  # fmt: skip
