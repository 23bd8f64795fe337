"""What is shown, as models: the answers of all routes, the data of the streams, the fields of the files.

Bounds are counts in the measure's unit: `best` null is "reported, not quantified", `high` null is open.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

#: public: what anyone may see. full: everything, for a token with the scope `read:full`.
View = Literal["public", "full"]
State = Literal["connecting", "catching_up", "live"]
EXAMPLE = "incidentlog.rescued-by-nationality.v1:0:12"


class Shown(BaseModel):
    """Base of all models here: made by us, so nothing else belongs in them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bounds(Shown):
    """low / best / high, and the last day among what was counted."""

    low: int
    best: int | None
    high: int | None
    as_of: str | None


class PartView(Bounds):
    """What a cell, or a host country, adds to a roll-up."""

    cell: str | None = None
    host: str | None = None
    residual: bool = False


class RowView(Shown):
    """What every row has. `recorded` is when its last change was appended (RFC 3339, UTC)."""

    projection: str
    key: str
    label: str = Field(description="What the key stands for, in words")
    recorded: str
    coarsened: list[str] = Field(default=[], description="What the public view does not show as finely as it is known")
    dead_letters: int = Field(default=0, description="Events set aside as unreadable that may touch this row")


class NumberView(RowView):
    """A number: of one cell in `estimates` (then with `counted` …), else over the cells in `contributions`."""

    low: int
    best: int | None
    high: int | None
    as_of: str | None
    flags: list[str]
    counted: list[str] | None = None
    counted_total: int | None = None
    live: int | None = None
    withdrawn: int | None = None
    version: int | None = None
    contributions: list[PartView] | None = None


class ActionView(RowView):
    """An official action. `quantity` is the source's remark, never counted."""

    type: str
    ref: str
    authority: str
    relayed_by: str | None
    nationality: str | None
    places: list[str]
    start: str | None
    end: str
    edtf: str
    quantity: dict[str, Any] | None
    addressee: str | None
    deadline: str | None
    published: str
    embargo_until: str | None
    source: str


class Standing(Shown):
    """Where an answer stands in the log, and how old it is."""

    view: View
    version: str = Field(description="The live version of the projections")
    state: State = Field(description="live: everything there was at the last connection to the log is in it")
    position: list[str] = Field(
        description="Last record read of each partition; good for min_position", examples=[[EXAMPLE]]
    )
    as_of: str | None = Field(description="Latest last day among what was counted")
    as_of_days: int | None = Field(description="How many days ago that was")
    recorded: str | None = Field(description="When the newest change was appended")
    age_seconds: float | None = Field(description="How many seconds ago that was")
    quarantined: int = Field(description="Events set aside as unreadable that may touch what is shown")
    quarantined_unplaced: int = Field(description="Those among them of which nobody can tell where they belong")


class ProjectionView(Shown):
    """A projection in the list of all."""

    name: str
    title: str
    rows: int
    standing: Standing


class ProjectionsAnswer(Shown):
    """All projections."""

    projections: list[ProjectionView]


class RowsAnswer(Shown):
    """Rows of a projection, by key. `next` is the key to ask for as `after`, null at the end."""

    projection: str
    title: str
    standing: Standing
    total: int = Field(description="Rows that the filter lets through, on all pages")
    next: str | None
    rows: list[NumberView | ActionView]


class RowAnswer(Shown):
    """One row."""

    projection: str
    standing: Standing
    row: NumberView | ActionView


class ClaimView(Shown):
    """A claim behind a number: what it says now, after corrections and gradings, and what became of it."""

    id: str
    ref: str
    treatment: list[str]
    by: list[str]
    reason: str
    cell: str
    place: str = Field(description="Key of the estimate it is told of")
    counted: bool
    raising: bool
    outside: bool
    low: int
    best: int | None
    high: int | None
    stated: str | None
    qualifier: str | None
    kind: str
    days: str = Field(description="Its days in words")
    start: str | None
    end: str | None
    edtf: str | None
    authority: str
    relayed_by: str | None
    subdivision: str | None
    grade: str
    published: str
    recorded: str
    source: str | None
    embargo_until: str | None = None
    note: str | None = None
    coarsened: list[str] = []


class WhyAnswer(Shown):
    """A number, the estimates behind it, their claims, and what adding all firm numbers up would say."""

    projection: str
    standing: Standing
    claims_position: list[str] = Field(
        description="Last record of the statements read; may differ by moments from the rows'"
    )
    row: NumberView
    estimates: list[NumberView]
    claims: list[ClaimView]
    withheld: int = Field(description="Claims that this view may not show")
    plain_sum: list[int] = Field(description="Firm numbers a plain sum would add, largest first")


class PointView(Shown):
    """A number from a day, or from a moment, on."""

    at: str
    low: int
    best: int | None
    high: int | None
    flags: list[str]


class TimelineAnswer(Shown):
    """How a number grew (by day of what happened), and when that was learned (by moment of recording)."""

    projection: str
    key: str
    standing: Standing
    claims_position: list[str]
    grown: list[PointView]
    learned: list[PointView]


class EvidenceView(Shown):
    """Where in an article a claim was read: offsets count code points; the words themselves are not kept."""

    article: str | None
    sha256: str | None
    start: int | None
    end: int | None


class EventView(Shown):
    """An event of a claim's history: the claim itself, or what was said about it later."""

    id: str
    verb: str
    recorded: str
    position: str | None = Field(description="Its place in the log, TOPIC:PARTITION:OFFSET")
    reason: str | None = None
    by: str | None = None


class ClaimAnswer(Shown):
    """A claim with its history."""

    standing: Standing
    claim: ClaimView
    evidence: list[EvidenceView]
    events: list[EventView]


class Health(Shown):
    """Whether everything was read from the log once, and where following each topic stands."""

    complete: bool
    states: dict[str, State]
