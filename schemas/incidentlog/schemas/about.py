"""Events about claims: corrections, retractions, gradings, redactions. They go where their target went: same topic, same key."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializeAsAny, ValidationInfo, field_validator, model_validator

from incidentlog.schemas.actions import ACTION_TYPES, OfficialAction
from incidentlog.schemas.cells import Cell
from incidentlog.schemas.claims import CLAIM_TYPES, CountedClaim, Grade
from incidentlog.schemas.errors import InvalidValue
from incidentlog.schemas.quoting import brief
from incidentlog.schemas.values import Closed, EventId, Moment, Office, Published, StatementKey

CellName = Annotated[str, Field(pattern=r"^[a-z][a-z_]*/[A-Z]{3}/[A-Z]{3}$")]
Reason = Literal["source_corrected", "source_withdrew", "coding_error", "duplicate", "undo", "other"]


class Target(Closed):
    """What an event is about: one event by `id`, or by `statement_key` all wordings of one statement."""

    type: str
    cell: CellName
    id: EventId | None = None
    statement_key: StatementKey | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.type not in CLAIM_TYPES and self.type not in ACTION_TYPES:
            raise InvalidValue("target", f"{brief(self.type)} is not the type of a claim or an official action")
        if (self.id is None) == (self.statement_key is None):
            raise InvalidValue("target", "name either an id or a statement_key")
        return self


class AboutClaims(Closed):
    """What all of them say: about what, why, decided when and by which office, if any."""

    target: Target
    reason: Reason = "other"
    decided: Moment
    by: Office | None = None

    @property
    def cell(self) -> Cell:
        """The target's cell."""
        return Cell.parse(self.target.cell)


class ClaimCorrected(AboutClaims):
    """New content for a claim, which keeps its id, type and cell. Moving to another cell is a retraction and a new claim."""

    #: Written as its own type says: one of them may have fields that the others lack.
    content: SerializeAsAny[CountedClaim | OfficialAction]
    published: Published

    @field_validator("content", mode="wrap")
    @classmethod
    def _as_its_type(cls, value: Any, handler: Any, info: ValidationInfo) -> CountedClaim | OfficialAction:
        target = info.data.get("target")
        if target is None or isinstance(value, CountedClaim | OfficialAction):
            return handler(value)  # type: ignore[no-any-return]
        model = CLAIM_TYPES.get(target.type) or ACTION_TYPES[target.type]
        return model.model_validate(value, context=info.context)

    @model_validator(mode="after")
    def _stays_in_its_cell(self) -> Self:
        if self.content.cell != self.cell:
            raise InvalidValue("cell_changed", f"a correction may not move a claim from {self.cell} to {self.content.cell}; "
                               "retract it and publish a new claim with `replaces`")  # fmt: skip
        return self


class ClaimRetracted(AboutClaims):
    """The target no longer holds: a claim, or another event about claims (an undo)."""


class ClaimGraded(AboutClaims):
    """A verdict on how sure a claim is."""

    grade: Grade


class ClaimRedacted(AboutClaims):
    """The claim's free text is erased; the claim still counts."""


ABOUT_TYPES: dict[str, type[AboutClaims]] = {
    model.__name__: model for model in (ClaimCorrected, ClaimRetracted, ClaimGraded, ClaimRedacted)
}
