"""What can be wrong with a verdict. Each error says what, where and the next step."""

from __future__ import annotations

from collections.abc import Sequence

from incidentlog.schemas.errors import IncidentlogError


class ReviewError(IncidentlogError):
    """A verdict that cannot be given as it was asked for."""


class NotAnOffice(ReviewError):
    """The one behind a verdict is neither an office nor a role, as far as anyone can see."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(problem)


class NoSuchClaim(ReviewError):
    """No claim, or more than one, is called so; `meant` are the cells and ids of those that are."""

    def __init__(self, name: str, cell: str, meant: Sequence[tuple[str, str]]) -> None:
        self.name, self.cell, self.meant = name, cell, tuple(meant)
        where = f" in {cell}" if cell else ""
        if not meant:
            super().__init__(f"nothing in the log{where} is called {name!r}; `incidentlog why` lists the claims behind a "
                             "number, with --json their ids")  # fmt: skip
            return
        shown = ", ".join(f"{each} in {at}" for at, each in self.meant[:3])
        more = f" and {len(meant) - 3} more" if len(meant) > 3 else ""
        super().__init__(
            f"{name!r}{where} may be {shown}{more}; name one by its id, or its number with --in (over HTTP: `in`)"
        )


class NotAClaim(ReviewError):
    """Only a claim can be judged so."""

    def __init__(self, name: str, event_type: str, verb: str) -> None:
        self.name, self.event_type = name, event_type
        step = "only counted claims have one of these" if verb == "grade" else "undo it, or name the claim it is about"
        super().__init__(f"{verb}: {name} is a {event_type}; {step}")


class AlreadySo(ReviewError):
    """The verdict would change nothing that is said."""

    def __init__(self, name: str, state: str) -> None:
        self.name, self.state = name, state
        super().__init__(f"{name} {state}: nothing to do")


class NothingToUndo(ReviewError):
    """No event about the claim holds."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no event about {name} holds: there is nothing to undo")


class ErasedForGood(ReviewError):
    """A redaction is no event that could be undone."""

    def __init__(self, event: str) -> None:
        self.event = event
        super().__init__(
            f"{event} is a redaction: what it erased is gone; to undo an event before it, name that one by its id"
        )


class Outranked(ReviewError):
    """Another correction would count instead."""

    def __init__(self, name: str, event: str, published: str) -> None:
        self.name, self.event, self.published = name, event, published
        super().__init__(f"{name} was corrected by {event}, published by {published}, which would go on to count: undo that "
                         "one first, or say with --published when the newer correction appeared")  # fmt: skip


class BadChange(ReviewError):
    """The new content of a claim breaks a rule of the contract."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(f"{name} cannot be corrected so: {problem}")
