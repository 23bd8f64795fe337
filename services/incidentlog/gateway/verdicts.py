"""What is sent and answered about verdicts, as models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import ConfigDict, Field, TypeAdapter

from incidentlog.gateway.views import Shown
from incidentlog.review import CorrectIt, GradeIt, Proposal, RedactIt, Request, RetractIt, UndoIt
from incidentlog.schemas.claims import Grade
from incidentlog.schemas.codec import encode

#: Why; an undo needs no reason besides.
Why = Literal["source_corrected", "source_withdrew", "coding_error", "duplicate", "other"]
_BY = "Office or role behind it, registered or made of the words of roles; never a person's name"


class Asked(Shown):
    """What every verdict has."""

    claim: str = Field(
        min_length=1, max_length=100, description="Its ref or id, or how that begins", examples=["S2-03"]
    )
    number: str = Field(
        "", alias="in", max_length=60, description="The number it stands in; needed unless `claim` is a whole id",
        examples=["rescued/VNM/KHM"],
    )  # fmt: skip
    by: str = Field(min_length=1, max_length=60, description=_BY, examples=["DATA-DESK"])


class AskedOfWordings(Asked):
    """What may be asked for one utterance as several outlets print it."""

    reason: Why
    all_wordings: bool = Field(False, description="All wordings of its statement as well")  # noqa: FBT003 - a default


class GradeAsked(AskedOfWordings):
    """Say how sure a claim is."""

    verb: Literal["grade"]
    grade: Grade

    def request(self) -> Request:
        """For `review`."""
        return GradeIt(by=self.by, reason=self.reason, grade=self.grade, wordings=self.all_wordings)


class RetractAsked(AskedOfWordings):
    """Let a claim no longer count."""

    verb: Literal["retract"]

    def request(self) -> Request:
        """For `review`."""
        return RetractIt(by=self.by, reason=self.reason, wordings=self.all_wordings)


class RedactAsked(AskedOfWordings):
    """Erase a claim's paraphrase for good."""

    verb: Literal["redact"]

    def request(self) -> Request:
        """For `review`."""
        return RedactIt(by=self.by, reason=self.reason, wordings=self.all_wordings)


class CorrectAsked(Asked):
    """Give a claim other content."""

    verb: Literal["correct"]
    reason: Why
    changes: dict[str, Any] = Field(
        description="Fields that differ, as in the event, each whole; a `quantity` may be a phrase, null takes a field away",
        examples=[{"quantity": "about 600"}],
    )
    published: str = Field(
        "", max_length=40, description="When the correction appeared (EDTF), if not when the claim did"
    )
    note: str = Field("", max_length=400, description="A new paraphrase, without names")

    def request(self) -> Request:
        """For `review`."""
        return CorrectIt(by=self.by, reason=self.reason, changes=self.changes, published=self.published, note=self.note)


class UndoAsked(Asked):
    """Take back the last verdict on a claim that holds, or the one that `claim` is the id of."""

    verb: Literal["undo"]

    def request(self) -> Request:
        """For `review`."""
        return UndoIt(by=self.by)


AnyAsked = Annotated[GradeAsked | CorrectAsked | RetractAsked | RedactAsked | UndoAsked, Field(discriminator="verb")]
ASKED: TypeAdapter[AnyAsked] = TypeAdapter(AnyAsked)


class EffectView(Shown):
    """A number that counts the claim's cell, without the verdict and with it; null where there is no row. Of numbers
    `low`, `best`, `high`, `as_of`, `flags`; of official actions `type`, `ref`, `end`."""

    projection: str
    key: str
    changed: bool
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ProposalAnswer(Shown):
    """A verdict that nobody has confirmed yet. Nothing was appended."""

    event: dict[str, Any] = Field(description="The CloudEvent that carries it out")
    note: str | None = Field(description="The paraphrase that would come")
    erases: list[str] = Field(description="Claims whose paraphrases would go for good")
    numbers: list[EffectView]
    confirmation: str = Field(description="Stands for this event and for what it would do to every number, no other")

    @classmethod
    def of(cls, proposal: Proposal) -> ProposalAnswer:
        """What is answered of a proposal."""
        numbers = [EffectView(**each) for each in proposal.lines()]
        return cls(event=orjson.loads(encode(proposal.event)), note=proposal.note, erases=list(proposal.erases),
                   numbers=numbers, confirmation=proposal.digest)  # fmt: skip


class Confirmation(Shown):
    """A proposal as it was answered, sent back; its numbers may be left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event: dict[str, Any] = Field(description="As it was proposed")
    note: str | None = None
    confirmation: str = Field(pattern="^[0-9a-f]{64}$")


class VerdictAnswer(Shown):
    """What became of a verdict."""

    event: str = Field(description="Its id: `undo` takes it back by that")
    outcome: Literal["appended", "known"] = Field(description="known: it was confirmed before")
    position: str | None = Field(description="Where it stands, TOPIC:PARTITION:OFFSET; good for min_position")


def schema(model: Any) -> Mapping[str, Any]:
    """The JSON schema of a body, with nothing to be looked up elsewhere."""
    return TypeAdapter(model).json_schema()
