"""Why a verdict is not taken over HTTP, as types; what is wrong with it in itself says `incidentlog.review.errors`."""

from __future__ import annotations

from typing import ClassVar

from incidentlog.gateway.errors import RequestError
from incidentlog.review import Proposal


class EffectChanged(RequestError):
    """What was confirmed would now do something else than its proposal said: `proposal` is what it would do."""

    status: ClassVar[int] = 409
    slug: ClassVar[str] = "effect-changed"

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        super().__init__(
            "nothing was appended: this verdict would not do any more what was shown; look at what it would do now, "
            "`proposal`, and confirm that"
        )


class NotAVerdict(RequestError):
    """An event that is not about claims was sent to be confirmed."""

    status: ClassVar[int] = 422
    slug: ClassVar[str] = "not-a-verdict"

    def __init__(self, event_type: str) -> None:
        self.event_type = event_type
        super().__init__(f"a {event_type} is no verdict on a claim; publish it with POST /events")


class TookTooLong(RequestError):
    """The log was not read within the time that a review may take."""

    status: ClassVar[int] = 503
    slug: ClassVar[str] = "took-too-long"
    retry_after = 5

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the log could not be read within {seconds:g} s; nothing was appended, ask again")


class NotJson(RequestError):
    """A body that is said to be of another type than JSON."""

    status: ClassVar[int] = 415
    slug: ClassVar[str] = "not-json"

    def __init__(self, found: str) -> None:
        self.found = found[:200]
        super().__init__(f"content-type {self.found!r} is not read here; send application/json")
