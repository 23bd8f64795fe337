"""What can go wrong, as types: one root, each with the fields a program would act on."""

from __future__ import annotations


class IncidentlogError(Exception):
    """Root of every error this project raises on purpose. The message says what, where and the next step."""


class DecodeError(IncidentlogError):
    """Bytes that are not one of our events.

    `reason` is a stable word for programs (`invalid_json`, `not_an_event`, `invalid_event` …); `detail` is for people;
    `event_type` is what the event called itself, where it could be read.
    """

    def __init__(self, reason: str, detail: str, event_type: str | None = None) -> None:
        self.reason, self.detail, self.event_type = reason, detail, event_type
        super().__init__(f"{reason}: {detail}" + (f" (event type {event_type})" if event_type else ""))


class UnknownEventType(DecodeError):
    """A type this version of the contract does not know."""

    def __init__(self, event_type: str) -> None:
        super().__init__(
            "unknown_type", "no such event type in this version of the contract; upgrade the reader", event_type
        )


class UnknownVersion(DecodeError):
    """A known type in a version for which there is neither a model nor an upcaster."""

    def __init__(self, event_type: str, version: int) -> None:
        self.version = version
        super().__init__("unknown_version", f"version {version} is newer than this reader; upgrade it", event_type)


class InvalidValue(IncidentlogError, ValueError):
    """A value that breaks a rule of the contract: `field` names it, `problem` says what is wrong and what would be right.

    Also a ValueError, so that pydantic turns it into a validation error of its field.
    """

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}")
